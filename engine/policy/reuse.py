"""The key of a result: what must be the same for another one to stand in for a run.

A key is the SHA-256 of its parts, each with its name and preceded by its length, so that no
two lists of parts ever run into the same bytes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.keeping import Memo
from engine.model.spec import JobSpec
from engine.model.workspaces import is_commit

Part = tuple[str, bytes]
"""The name of a part, and what it is."""

_VERSION: Final = b"2"
_encode: Final = msgspec.json.Encoder(order="deterministic").encode

_SAME: Final = (
    "kind",
    "call",
    "gate",
    "frozen",
    "workspace",
    "params",
    "item",
    "outputs",
    "wants_result",
    "caches",
    "resources",
)
"""Fields of a spec that, besides the command, say what runs, with what, and what it leaves."""

_WHERE: Final = (
    "required_workers",
    "excluded_workers",
    "required_labels",
    "excluded_labels",
    "required_backends",
    "excluded_backends",
)
"""Constraints that say on which hosts it may run: others may come to something else."""

_WHO: Final = frozenset({"CRAB_ARRAY"})
"""Variables of a command that say which job it is, and not what it does."""

_ITSELF: Final = frozenset({"workflow", "job", "attempt", "task"})
"""What a context says of who the job is."""


def cache_key(parts: Iterable[Part]) -> bytes:
    """The SHA-256 of parts, in order: other parts, another key."""
    digest = hashlib.sha256()
    for name, value in parts:
        for piece in (name.encode(), value):
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
    return digest.digest()


def memo_key(
    spec: JobSpec,
    memo: Memo,
    *,
    cwd: str,
    env: Mapping[str, str],
    inputs: Mapping[str, str],
    context: Mapping[str, Any] | None = None,
) -> bytes:
    """The key under which a job's result is reused.

    Args:
        spec: What it runs, with the values of its context in their places.
        memo: What it says of that.
        cwd: Where it would run.
        env: What its submission brought along; only what `memo` names belongs to the key.
        inputs: What its inputs contain, by path.
        context: What it is told of its workflow and of those before it.
    """
    told = {name: one for name, one in (context or {}).items() if name not in _ITSELF}
    where = {name: getattr(spec.constraints, name) for name in _WHERE}
    return cache_key(
        [
            ("format", _VERSION),
            ("tenant", spec.tenant.encode()),
            ("code", _code(spec)),
            ("where", _encode(where)),
            ("cwd", (spec.command.cwd or cwd).encode()),
            ("toolchain", memo.version.encode()),
            ("environment", _encode({name: env.get(name) for name in memo.env})),
            ("inputs", _encode(dict(inputs))),
            ("context", _encode(told)),
        ]
    )


def _code(spec: JobSpec) -> bytes:
    """What runs: command with its own environment and stdin, and the tree that it runs in."""
    own = {name: value for name, value in spec.command.env.items() if name not in _WHO}
    said = {name: getattr(spec, name, None) for name in _SAME}
    said["command"] = replace(spec.command, env=own)
    return _encode({name: one for name, one in said.items() if one is not msgspec.UNSET})


def is_fixed(spec: JobSpec) -> bool:
    """Whether what a job says decides what it comes to, as far as that can be known.

    A branch moves, and what is typed while a job runs is in no key.
    """
    if spec.workspace is not None and not is_commit(spec.workspace.revision):
        return False
    return not spec.command.open_stdin


def is_reusable(job: Job, memo: Memo, now_at: int) -> bool:
    """Whether a job that succeeded is young enough to stand in for another's run."""
    ended_at = job.now.ended_at
    return ended_at is not None and now_at - ended_at <= memo.ttl_ms * 1000


def is_awaitable(job: Job) -> bool:
    """Whether it is worth waiting for what a job comes to: it has an attempt that goes on.

    One that is out of sight, stands still or is told to end may come to nothing, or never; and
    one that is to be tried again holds nothing, and may itself wait for others.
    """
    now = job.now
    is_ending = now.stopping or now.cancel_at is not None
    is_still = now.unreachable_at is not None or now.paused_at is not None
    return now.attempt is not None and not is_ending and not is_still


class Turn(Enum):
    """What is next for a job that could be granted."""

    LOOK = auto()  # whether there is a result of the same
    WAIT = auto()  # for another that computes the same
    RUN = auto()


def turn(job: Job, key: bytes | None, ahead: JobId | None) -> Turn:
    """What is next for a job.

    Args:
        job: It could be granted now.
        key: Of its result; empty: it has none; None: nobody has looked for one yet.
        ahead: Who computes the same now, if somebody does.
    """
    if job.spec.memo is None:
        return Turn.RUN
    if key is None:
        return Turn.LOOK
    return Turn.RUN if ahead is None or ahead == job.id else Turn.WAIT
