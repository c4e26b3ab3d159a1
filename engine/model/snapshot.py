"""The frozen view of everything that policies read to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.priority import SHARES, Priority
from engine.model.worker import Queue, Worker


class LaneKey(NamedTuple):
    """Where a waiting job stands; jobs of one lane differ in sequence and age alone."""

    queue: str
    priority: Priority
    tenant: str
    shape: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The next jobs of one lane, first come first."""

    key: LaneKey
    shape: Shape
    jobs: Sequence[Job]
    """At least one; in order of id. A bounded window: more may wait behind it."""


@dataclass(frozen=True, slots=True)
class Room:
    """What attempts in progress have taken of a worker."""

    worker: Worker
    taken: Mapping[str, int] = field(default_factory=dict)
    """By resource dimension, in that dimension's unit."""
    slots_taken: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """A running attempt, as gates name it."""

    job: JobId
    worker: str
    queue: str
    group: str | None
    started_at: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant, complete: the same snapshot always gives the same decisions."""

    now_at: int
    lanes: Sequence[Lane]
    queues: Mapping[str, Queue]
    rooms: Mapping[str, Room]
    running_in_queue: Mapping[str, int] = field(default_factory=dict)
    running_in_group: Mapping[str, int] = field(default_factory=dict)
    credits: Mapping[tuple[object, ...], int] = field(default_factory=dict)
    """What each contender of each stage is owed; see `policy.slices`."""
    shares: Mapping[Priority, int] = field(default_factory=lambda: dict(SHARES))
    holders: Sequence[Holder] = ()
    """For explanations only."""
    granting: bool = True
    """False while the daemon is stopping or cannot write."""
    not_granting_why: str = ""
