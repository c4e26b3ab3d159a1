"""Sending jobs to the daemon so that a lost connection neither loses nor doubles them."""

import os
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from crabtui.cli.reaching.entry import enter
from crabtui.cli.submitting.surroundings import surroundings
from engine.control.blocking import BlockingClient
from engine.control.bulk import conversation
from engine.control.messages import Submit
from engine.control.views import Submitted
from engine.errors import InvalidSpec, NoDaemon

T = TypeVar("T")

Deliver: TypeAlias = Callable[[Callable[[BlockingClient], Submitted]], Submitted]
"""Runs what submits on a connection, perhaps more than once."""

ONLY: Final = "jobs[0]."
"""How the daemon names the only job of a submission; whoever typed it knows."""


def new_request_key() -> str:
    """A key that no other submission has; repeating one with it is safe."""
    return os.urandom(16).hex()


def send_job(
    job: dict[str, Any], *, on_key: str = "return", deliver: Deliver | None = None
) -> Submitted:
    """Submit the one job that flags describe. Raises: EngineError, in the flags' names."""
    try:
        return send_jobs([job], on_key=on_key, deliver=deliver)
    except InvalidSpec as wrong:
        field = (wrong.field or "").removeprefix(ONLY)
        message = wrong.message.removeprefix(ONLY)
        raise type(wrong)(
            message, field=field or None, nearest=wrong.nearest, details=wrong.details
        ) from None


def send_jobs(
    jobs: Sequence[dict[str, Any]],
    *,
    defaults: dict[str, Any] | None = None,
    on_key: str = "return",
    deliver: Deliver | None = None,
) -> Submitted:
    """Submit jobs, all or none; on disk when this returns. Raises: EngineError."""
    key = new_request_key()

    def send(client: BlockingClient) -> Submitted:
        cwd, env = surroundings(client)
        return client.call(
            Submit(
                jobs=tuple(jobs),
                defaults=defaults or {},
                cwd=cwd,
                env=env,
                request_key=key,
                on_key=on_key,
            )
        )

    return (deliver or once_more)(send)


def send_lines(
    chunks: Sequence[str], defaults: dict[str, Any], deliver: Deliver | None = None
) -> Submitted:
    """Submit many jobs, all or none; on disk when this returns. Raises: EngineError."""
    key = new_request_key()

    def send(client: BlockingClient) -> Submitted:
        answer: Any = None
        cwd, env = surroundings(client)
        asks = conversation(chunks, request_key=key, cwd=cwd, env=env, defaults=defaults)
        for ask in asks:
            answer = client.call(ask)
        assert isinstance(answer, Submitted)
        return answer

    return (deliver or once_more)(send)


def once_more(work: Callable[[BlockingClient], T]) -> T:
    """`work` with a connection, and once more with a new one if that one is lost.

    Only for what may be repeated.
    """
    try:
        with enter() as client:
            return work(client)
    except NoDaemon as lost:
        if "lost" not in lost.details:
            raise
        with enter() as client:
            return work(client)
