"""The frozen view of everything that policies read to decide."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.model.array import Array
from engine.model.burden import NO_BURDEN, Burden
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job, Shape
from engine.model.link import Link, Tripped
from engine.model.priority import Priority
from engine.model.rules import DEFAULT_RULES, Mode, Rules
from engine.model.worker import Queue, Worker

NO_ATTEMPT = AttemptId("")


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
    has_more: bool = False
    """More jobs wait behind the window: when it runs dry the round ends there."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What attempts in progress hold together: of one tenant, say."""

    running: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)
    """By resource dimension, in that dimension's unit."""


NOTHING_TAKEN = Taken()


@dataclass(frozen=True, slots=True)
class Room:
    """What attempts in progress have taken of a worker."""

    worker: Worker
    taken: Mapping[str, int] = field(default_factory=dict)
    """By resource dimension, in that dimension's unit."""
    slots_taken: int = 0
    gpus_taken: int = 0
    """Devices in use, by whomever, as bits: device `i` is bit `1 << i`."""
    burden: Burden = NO_BURDEN
    """What others take of it; its devices are among those in use."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A running attempt, as gates name it and reservations count on it."""

    job: JobId
    worker: str
    queue: str
    group: str | None
    started_at: int | None
    attempt: AttemptId = NO_ATTEMPT
    priority: Priority = Priority.NORMAL
    tenant: str = "default"
    namespace: str = "default"
    array: JobId | None = None
    goal: str | None = None
    amounts: Sequence[tuple[str, int]] = ()
    """What it holds, by dimension."""
    gpus: Sequence[int] = ()
    ends_at: int | None = None
    """When it is expected to end: by its estimate, else by its hard timeout."""
    ends_by_at: int | None = None
    """When it has ended for certain: its hard timeout. None: it may take for ever."""
    is_preemptible: bool = False
    is_stopping: bool = False
    evidence_at: int | None = None
    """When its host last proved that it knows of it; kept up only for those out of sight."""
    gives_up_at: int | None = None
    """Of one out of sight: when its host has certainly ended it by itself; None: never."""


class Bucket(NamedTuple):
    """A token bucket as it was left."""

    level: int
    """Tokens, in millionths."""
    at: int


class Passed(NamedTuple):
    """How long the head of a lane has been passed by."""

    job: JobId
    since: int
    """`Carried.grants` when it could first have run."""
    level: Priority
    """The class to which it has risen by waiting; of which was told."""
    is_starving: bool = False
    """It was passed as often as is allowed; of which was told."""
    blocked: int = 0
    """Grants that went past it after its turn had come, because it did not fit."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room that is kept on a worker for the head of a lane."""

    job: JobId
    lane: LaneKey
    worker: str
    made_at: int
    starts_at: int | None = None
    """When what it waits for has ended, as expected when it was made; None: unknown."""


@dataclass(frozen=True, slots=True)
class Inversion:
    """An urgent job waits for a lock that a less urgent one holds."""

    waiter: JobId
    holder: JobId
    lock: str
    """`goal NAME` or `group NAME`."""
    since_at: int
    waiter_priority: Priority
    holder_priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What one round hands to the next.

    It is written down whenever a round has something to tell, such as that it keeps room, so
    that the next daemon keeps what this one promised.
    """

    credits: Mapping[tuple[object, ...], int] = field(default_factory=dict)
    """What each contender of each stage is owed; see `policy.slices`. Never written down."""
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    """By `queue NAME` and `tenant NAME`; who is not in it has a full one."""
    grants: int = 0
    """Grants by all rounds so far."""
    passed: Mapping[LaneKey, Passed] = field(default_factory=dict)
    reservations: Sequence[Reservation] = ()
    """Those made first come first."""
    inversions: Sequence[Inversion] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant, complete: the same snapshot always gives the same decisions."""

    now_at: int
    lanes: Sequence[Lane]
    queues: Mapping[str, Queue]
    """As they are in effect: the configuration, and over it what was set by hand."""
    rooms: Mapping[str, Room]
    running_in_queue: Mapping[str, int] = field(default_factory=dict)
    running_in_group: Mapping[str, int] = field(default_factory=dict)
    running_in_array: Mapping[int, int] = field(default_factory=dict)
    tenants: Mapping[str, Taken] = field(default_factory=dict)
    """What each tenant holds, over all queues."""
    namespaces: Mapping[tuple[str, str], Taken] = field(default_factory=dict)
    """What each (tenant, namespace) holds."""
    arrays: Mapping[int, Array] = field(default_factory=dict)
    stopping: Set[int] = frozenset()
    """Arrays with so many failures that what waits of them is about to be canceled."""
    """Those that have not ended, by the id of their composite job."""
    goals: Mapping[str, Sequence[JobId]] = field(default_factory=dict)
    """Who has the lock of each goal; the first is the one that took it."""
    goal_priorities: Mapping[JobId, Priority] = field(default_factory=dict)
    """How urgent they are; who has a lock may run nothing just now."""
    waits: Mapping[JobId, JobId] = field(default_factory=dict)
    """Jobs that wait for another that computes the same, by the one that waits."""
    sessions: Mapping[str, str] = field(default_factory=dict)
    """Worker on which each session ran last."""
    modes: Mapping[str, Mode] = field(default_factory=dict)
    """Backpressure by queue, and of all together under `""`; none named is normal."""
    rules: Rules = DEFAULT_RULES
    carried: Carried = field(default_factory=Carried)
    holders: Collection[Holder] = ()
    """All attempts in progress, those that were granted a moment ago included."""
    links: Mapping[str, Link] = field(default_factory=dict)
    """Of the workers elsewhere; for the words alone, health decides."""
    tripped: Mapping[str, Tripped] = field(default_factory=dict)
    """Of the workers whose breaker is not closed."""
    granting: bool = True
    """False while the daemon is stopping or cannot write."""
    not_granting_why: str = ""
