"""Crons: the part of a store that remembers recurring work."""

from dataclasses import dataclass
from typing import Protocol

from engine.model.cron import Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class CronMove:
    """A schedule as it shall be, if it is still as it was last seen."""

    name: str
    was_version: int = 0
    """0: it is not there."""
    now: Cron | None = None
    """Stored as version seen + 1; None: it is removed."""


class Crons(Protocol):
    """What recurs. Changes come as `CronMove`s in units."""

    async def crons(self) -> list[Cron]:
        """All schedules, by name."""
        ...

    async def cron(self, name: str) -> Cron | None: ...

    async def due_crons(self, now_at: int, limit: int) -> list[Cron]:
        """Schedules that want to be looked at by `now_at`, the most urgent first."""
        ...

    async def owing_crons(self) -> list[Cron]:
        """Schedules of which runs wait until another one has ended."""
        ...

    async def next_cron_at(self) -> int | None:
        """When the next one wants to be looked at; None if none ever will by time."""
        ...
