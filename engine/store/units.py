"""Units: what is handed to a store to be written, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.array import Array
from engine.model.attempt import Attempt, Lease
from engine.model.attention import Acknowledged
from engine.model.events import Event, EventType
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Progress
from engine.model.rules import Mode
from engine.model.snapshot import Carried
from engine.model.spec import JobSpec
from engine.model.states import Phase
from engine.model.worker import Queue, Worker
from engine.model.workflow import Flow, TaskResult
from engine.store.crons import CronMove
from engine.store.keeping import Leavings


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event that has no place in the order yet."""

    type: EventType
    job: JobId | None = None
    attempt: AttemptId | None = None
    worker: str | None = None
    tenant: str | None = None
    actor: str = "engine"
    cause: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be inserted under an id that was reserved for it."""

    id: JobId
    spec: JobSpec
    surroundings: int
    shape: int
    created_at: int
    now: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMove:
    """Set a job's changing columns, if its version is still the one last seen.

    The unit must have an event that names the job; its sequence number becomes the new
    version (of several, the last one's), and the event gets the new columns as `now`.
    """

    id: JobId
    was: Progress
    now: Progress
    spec: JobSpec
    """As it is on disk: it says in which sums the job counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMove:
    """Set an attempt's columns, if its phase and epoch are still those last seen."""

    was_phase: Phase
    was_epoch: Epoch
    now: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEdit:
    """Give a waiting job another spec. The unit must have a `JobMove` of the same job."""

    id: JobId
    spec: JobSpec
    shape: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerMove:
    """A worker as it shall be, if it is still as it was last seen."""

    name: str
    was_version: int = 0
    """0: it is not there."""
    now: Worker | None = None
    """Stored as version seen + 1; None: it is removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Changes that happen together, with the events that tell of them."""

    epoch: Epoch
    """Of the daemon that writes; the store refuses all but the newest."""
    new_jobs: Sequence[NewJob] = ()
    moves: Sequence[JobMove] = ()
    edits: Sequence[JobEdit] = ()
    unchanged: Sequence[tuple[JobId, int]] = ()
    """Jobs whose version must still be this one, although the unit does not touch them."""
    new_attempts: Sequence[tuple[Attempt, Lease]] = ()
    attempt_moves: Sequence[AttemptMove] = ()
    ended_leases: Sequence[AttemptId] = ()
    queues: Sequence[tuple[int, Queue]] = ()
    """(version last seen, 0 if new; the queue as it shall be). Stored as version seen + 1."""
    workers: Sequence[WorkerMove] = ()
    arrays: Sequence[tuple[int, Array]] = ()
    """(version last seen, 0 if new; the array as it shall be). Stored as version seen + 1."""
    crons: Sequence[CronMove] = ()
    carried: Carried | None = None
    """What the scheduler has promised and counted by now; None: what it wrote last stays."""
    modes: Mapping[str, Mode] | None = None
    """Backpressure of each queue where it is not normal; None: what was written last stays."""
    acknowledged: Mapping[str, Acknowledged] | None = None
    """All matters that somebody knows of; None: what was written last stays."""
    events: Sequence[Draft] = ()
    flows: Sequence[tuple[int, Flow]] = ()
    """(version last seen, 0 if new; the flow as it shall be). Stored as version seen + 1."""
    definitions: Sequence[tuple[str, bytes]] = ()
    """(digest, JSON) of what flows of this unit were made from."""
    results: Sequence[TaskResult] = ()
    leavings: Leavings | None = None
    """What outlives its attempts."""
    hooks_seq: Seq | None = None
    """All events up to this one have had their hooks; None: what was written last stays."""
    requests: Sequence[tuple[str, int, int]] = ()
    """(request key, first id, last id) of a submission, so that repeating it is safe."""


@dataclass(frozen=True, slots=True)
class Written:
    """A unit that is on disk."""

    events: Sequence[Event]
    """With their places in the order, as subscribers will read them."""
    versions: Mapping[JobId, int]
    """New version of each job that the unit inserted or moved."""
