"""Values: the part of a store that counts which values a field has among many jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.model.filter import EMPTY, Query
from engine.model.snapshot import LaneKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Which jobs to count, and by what."""

    by: str
    """One of `GROUPS`."""
    query: Query = EMPTY
    is_folded: bool = False
    """Leave members of arrays out."""
    limit: int = 100_000
    """Jobs that are counted at most."""
    newest: bool = False
    """If there are more, count the newest; else whichever are found first."""
    now_at: int = 0
    """What "now" means for ages in the filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """How many jobs have each value, by state. A job with many tags counts for each."""

    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    without: Mapping[str, int] = field(default_factory=dict)
    """Those that have no value."""
    lanes: Mapping[LaneKey, int] = field(default_factory=dict)
    """By `reason`: queued jobs that say nothing themselves, by the lane that they wait in."""
    is_exact: bool = True
    """All were counted."""


GROUPS = (
    "queue",
    "state",
    "name",
    "worker",
    "reason",
    "fp",
    "tag",
    "prio",
    "tenant",
    "namespace",
    "owner",
    "kind",
    "exit",
    "key",
)
"""Fields of a filter by which jobs can be counted."""


class Values(Protocol):
    """What the jobs that match have in common."""

    async def grouped(self, asked: Grouping) -> Grouped:
        """Numbers of jobs, from one instant; at most `limit` jobs are looked at closely."""
        ...
