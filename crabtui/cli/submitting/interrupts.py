"""Ctrl-C while a job is followed: the first cancels it, the second lets it run."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self

from crabtui.cli.frame.failure import complain
from crabtui.cli.reaching.entry import enter
from engine.control.messages import Cancel, Targets
from engine.errors import EngineError


class Detached(Exception):
    """The job goes on without us."""


class Interrupts:
    """While this context is open, Ctrl-C is about the job.

    Raises (in the main thread, wherever it is): Detached.
    """

    def __init__(self, job: int, *, detach_first: bool) -> None:
        self._job = job
        self._detaches = detach_first
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_interrupt(self, _: int, __: FrameType | None) -> None:
        if self._detaches:
            raise Detached
        self._detaches = True
        complain(f"canceling #{self._job}; again: let it run, and leave")
        cancel_job(self._job, "interrupted at the terminal")


def cancel_job(job: int, why: str) -> None:
    """Cancel over a connection of its own; says so if that is not possible."""
    try:
        with enter(start=False) as client:
            client.call(Cancel(targets=Targets(ids=(job,)), why=why))
    except EngineError as error:
        complain(f"#{job} was not canceled: {error.message}")
