"""Hooks: the part of a store that knows which events have had theirs."""

from typing import Protocol

from engine.model.events import Event
from engine.model.ids import JobId, Seq
from engine.model.job import Job


class HookMarks(Protocol):
    """How far hooks have been seen to. It is moved on by `Unit.hooks_seq`."""

    async def hooks_seq(self) -> Seq | None:
        """All events up to this one have had their hooks; None: nobody has ever looked."""
        ...

    async def hook_jobs(self, job: JobId, limit: int) -> list[Job]:
        """The newest jobs of a job's hooks, at most `limit`, oldest first."""
        ...

    async def hook_events(self, after: Seq, until: Seq, *, every: bool) -> list[Event]:
        """The events past `after`, up to `until`, that fire hooks, oldest first.

        Args:
            after: Only events with a larger number.
            until: Only events up to this number; not too far from `after`.
            every: Those of all jobs; else only of jobs that say something of hooks.
        """
        ...
