"""Store: all that the loops may ask of a database, and the units they hand to it.

A store remembers; it does not decide. Everything that changes is handed over as `Unit`s.
A unit happens whole or not at all, together with its events; units in one call share one
commit, and a refused unit does not hurt its neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import EngineError
from engine.model.array import Array
from engine.model.attempt import Attempt, Lease
from engine.model.events import Event
from engine.model.filter import Query
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Job, Shape
from engine.model.snapshot import LaneKey
from engine.model.spec import Surroundings
from engine.model.worker import Count, Queue, Worker
from engine.store.acts import Acts
from engine.store.crons import Crons
from engine.store.event_log import EventLog
from engine.store.flows import Flows
from engine.store.hooks import HookMarks
from engine.store.keeping import Keeping
from engine.store.kept import Kept
from engine.store.kin import Kin
from engine.store.moments import Moments
from engine.store.samples import Samples
from engine.store.units import (
    AttemptMove,
    Draft,
    JobEdit,
    JobMove,
    NewJob,
    Unit,
    WorkerMove,
    Written,
)
from engine.store.values import Values

__all__ = [
    "AttemptMove",
    "Draft",
    "JobEdit",
    "JobMove",
    "NewJob",
    "Page",
    "Standing",
    "Store",
    "Unit",
    "Window",
    "WorkerMove",
    "Written",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many jobs wait in the same way: of one lane, or of one state and mark."""

    queue: str
    priority: int
    tenant: str
    shape: int
    state: str
    mark: str
    """`""`: could be granted; else `held`, `canceling`, `starting`, `unmet` or `asleep`."""
    number: int
    first: JobId
    """The smallest id among them."""
    oldest_at: int
    """Since when the one that waits longest is in its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A window into a filtered, sorted list of jobs."""

    jobs: Sequence[Job]
    offset: int
    """Place of the first job in the whole list, from 0."""
    total: int
    total_is_exact: bool
    seq: Seq
    """The event log's length at the moment of reading."""
    scan: int = 0
    """Jobs that had to be looked at; 0: an index led to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of which list: one of `at`, `after`, `before` and `around` at most."""

    query: Query
    sort: str = "activity"
    descending: bool = False
    at: int | None = None
    """Offset of the first row."""
    after: JobId | None = None
    before: JobId | None = None
    around: JobId | None = None
    count: int = 50
    is_folded: bool = False
    """Leave members of arrays out: their composite job stands for them."""
    now_at: int = 0
    """What "now" means for ages in the filter."""


class Store(
    Acts,
    Crons,
    HookMarks,
    Kept,
    Keeping,
    Samples,
    Kin,
    Flows,
    EventLog,
    Moments,
    Values,
    Protocol,
):
    """One database of jobs. All reads see committed data only and never wait for writes.

    Every method may raise a leaf of StoreError; then the transaction did not happen.
    """

    async def close(self) -> None:
        """Finish the write in progress, checkpoint, and let go of the files."""
        ...

    async def controller(self) -> str:
        """An id of this database, made when it was, in `[a-z0-9]{12}`."""
        ...

    async def take_over(self, now_at: int) -> Epoch:
        """Make the caller the owner: the epoch grows by one, older ones may not write.

        Open batches of earlier owners are swept.
        """
        ...

    async def write(self, units: Sequence[Unit]) -> list[Written | EngineError]:
        """Apply the units in one transaction; answer for each, in order, once on disk.

        A unit's answer is StaleLease if a compared value has changed, StaleEpoch if the
        writer is no longer the owner, KeyTaken if a live job has the key of a new one (its
        id in `details["job"]`). An error of the database itself is raised and means that
        nothing of the whole call was written.
        """
        ...

    async def reserve_ids(self, count: int) -> JobId:
        """The first of `count` contiguous job ids that nobody else will get."""
        ...

    async def intern_shape(self, shape: Shape) -> int:
        """The key of a shape, new or known."""
        ...

    async def intern_surroundings(self, surroundings: Surroundings) -> int: ...

    async def shapes_in_use(self) -> set[int]:
        """Keys of shapes that some live job has."""
        ...

    async def open_batch(self, first: JobId, last: JobId) -> None:
        """From now on, jobs with these ids are seen by nothing but `add_to_batch`."""
        ...

    async def add_to_batch(self, jobs: Sequence[NewJob]) -> None: ...

    async def commit_batch(self, first: JobId, unit: Unit) -> Written:
        """Make the batch visible and countable, and write the unit, in one transaction.

        Its jobs keep version 0 until their first move.

        Raises:
            NotFound: no open batch begins at `first`.
            StaleEpoch, StaleLease, KeyTaken: the unit was refused; the batch stays open.
        """
        ...

    async def drop_batch(self, first: JobId) -> None:
        """Remove an open batch and its jobs, without a trace."""
        ...

    async def request(self, key: str) -> tuple[JobId, JobId] | None:
        """The ids that a submission with this request key got, if it was committed."""
        ...

    async def key_holders(
        self, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str | None], JobId]:
        """The live jobs that have these keys, by (tenant, key); those nobody has left out."""
        ...

    async def job(self, job: JobId) -> Job | None: ...

    async def jobs(self, ids: Sequence[JobId]) -> list[Job]:
        """Those of `ids` that exist, in the order asked for."""
        ...

    async def window(self, window: Window) -> Page: ...

    async def matching(self, query: Query, now_at: int, limit: int) -> list[JobId]:
        """Ids of the jobs that match, smallest first, at most `limit`."""
        ...

    async def lanes(self) -> list[LaneKey]:
        """Lanes with at least one job that could be granted."""
        ...

    async def lane(self, key: LaneKey, after: JobId, limit: int) -> list[Job]:
        """Grantable jobs of a lane past an id, in order of id.

        Grantable is what is queued, not held, without an open attempt or a cancel under way.
        """
        ...

    async def before_in_lane(self, key: LaneKey, job: JobId, limit: int) -> int:
        """How many grantable jobs of a lane have a smaller id, counted up to `limit`."""
        ...

    async def standings(self, queue: str | None = None) -> list[Standing]:
        """All jobs that wait, or those of one queue, counted by how they stand."""
        ...

    async def arrays(self) -> list[Array]:
        """Arrays whose composite job has not ended."""
        ...

    async def array(self, composite: JobId) -> Array | None: ...

    async def array_counts(
        self, composites: Sequence[JobId]
    ) -> Mapping[JobId, Mapping[str, int]]:
        """How many members of each array are in each state; states with none left out."""
        ...

    async def members(self, composite: JobId, offset: int, limit: int) -> list[Job]:
        """Members of an array from a place on, in order of id."""
        ...

    async def waiting_by_namespace(self) -> Mapping[tuple[str, str], int]:
        """How many jobs are pending, queued or retrying, by (tenant, namespace)."""
        ...

    async def goal_holders(self) -> list[Job]:
        """Live jobs with a goal that have started at least once, oldest start first."""
        ...

    async def last_workers(self, limit: int) -> Mapping[str, str]:
        """The worker on which each session ran last; the `limit` newest sessions."""
        ...

    async def run_times_ms(self, name: str, queue: str, limit: int) -> list[int]:
        """How long the newest successes of this name in this queue ran."""
        ...

    async def shapes(self) -> Mapping[int, Shape]: ...

    async def surroundings(self, key: int) -> Surroundings: ...

    async def due(self, now_at: int, limit: int) -> list[Job]:
        """Jobs with something to do by now: woken, past deadline, or cancel grace over."""
        ...

    async def next_due_at(self) -> int | None:
        """When the next job is due; None if none ever will be by time alone."""
        ...

    async def dependents(self, job: JobId, limit: int) -> list[Job]:
        """Pending jobs that depend on `job`."""
        ...

    async def dependencies(self, job: JobId) -> list[Job]: ...

    async def settled_dependencies(self, limit: int) -> list[Job]:
        """Pending jobs with a dependency that has ended since they last looked."""
        ...

    async def heard_news(self, jobs: Sequence[JobId]) -> None:
        """These have looked, and what they know is right: until the next end, no news.

        A job whose knowledge is not right, by now, keeps its news.
        """
        ...

    async def open_attempts(self) -> list[tuple[Attempt, Job]]: ...

    async def attempts(self, job: JobId) -> list[Attempt]: ...

    async def leases(self) -> list[Lease]: ...

    async def renew(
        self, attempts: Sequence[AttemptId], epoch: Epoch, at: int, until: int
    ) -> int:
        """Push out the leases and evidence of these attempts; how many were ours."""
        ...

    async def queues(self) -> list[Queue]: ...

    async def workers(self) -> list[Worker]: ...

    async def counts(self) -> list[Count]: ...

    async def events(self, after: Seq, limit: int, *, job: JobId | None = None) -> list[Event]:
        """Events past `after`, oldest first."""
        ...

    async def last_events(
        self, before: Seq, limit: int, *, job: JobId | None = None
    ) -> list[Event]:
        """The newest events below `before`, oldest first."""
        ...

    async def head(self) -> Seq:
        """Sequence number of the newest event; 0 if there is none."""
        ...

    async def check(self) -> list[str]:
        """What is wrong with the database; empty if nothing is."""
        ...
