"""Kept: the parts of a store that are read whole, and what of the jobs wants attention."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.model.attention import Acknowledged
from engine.model.ids import JobId
from engine.model.rules import Mode
from engine.model.snapshot import Carried


@dataclass(frozen=True, slots=True)
class Some:
    """Jobs that are alike, counted up to the limit that was asked for."""

    queue: str
    number: int
    first: JobId
    """The smallest id among them."""
    since_at: int
    """Since when the one that is so for the longest is."""
    by: str = ""
    """Who did it to one of them."""


class Kept(Protocol):
    """What was written whole and is read whole; and jobs that wait for a person."""

    async def carried(self) -> Carried:
        """What was last written of it, but for the credits."""
        ...

    async def modes(self) -> Mapping[str, Mode]:
        """What was last written of them."""
        ...

    async def acknowledged(self) -> Mapping[str, Acknowledged]:
        """What was last written of them, by the key of the matter."""
        ...

    async def asking(self, limit: int) -> list[Some]:
        """Jobs that somebody has to decide about, by queue; at most `limit` are counted."""
        ...

    async def on_hold(self, limit: int) -> list[Some]:
        """Jobs on hold, by queue; at most `limit` are counted."""
        ...
