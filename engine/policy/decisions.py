"""What the scheduler can say about a job, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.reasons import Gate
from engine.model.snapshot import LaneKey


@dataclass(frozen=True, slots=True)
class Start:
    """This job starts now, there."""

    job: Job
    lane: LaneKey
    worker: str
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The head of this lane does not start, and everything behind it waits with it."""

    job: JobId
    lane: LaneKey
    reason: Gate


@dataclass(frozen=True, slots=True)
class Plan:
    """One round's decisions."""

    starts: tuple[Start, ...]
    """In the order in which they were granted; applying only the first few is safe."""
    holds: tuple[Hold, ...]
    """One for the first job of each lane that is left after the starts."""
    credits: Mapping[tuple[object, ...], int]
    """What each contender is owed after these starts; goes into the next snapshot."""
