"""Moments: what is read of one moment, be it now or long past, by the same calls."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.worker import Count, Queue, Worker
from engine.store.values import Grouped, Grouping

if TYPE_CHECKING:
    from engine.store.protocol import Page, Standing, Window


class Blocked(NamedTuple):
    """Why a job could not start, as the log said."""

    job: JobId
    why: str
    gate: str | None
    """The kind of gate; None if that was not kept."""


class Reads(Protocol):
    """What there is at a moment: the store itself tells of now, `Moments.at` of the past."""

    async def job(self, job: JobId) -> Job | None: ...

    async def jobs(self, ids: Sequence[JobId]) -> list[Job]:
        """Those of `ids` that exist, in the order asked for."""
        ...

    async def window(self, window: "Window") -> "Page": ...

    async def grouped(self, asked: Grouping) -> Grouped:
        """Numbers of jobs by what they have in common."""
        ...

    async def attempts(self, job: JobId) -> list[Attempt]:
        """Those of a job, oldest first; one that had not ended yet has no end."""
        ...

    async def dependencies(self, job: JobId) -> list[Job]: ...

    async def dependents(self, job: JobId, limit: int) -> list[Job]:
        """Pending jobs that depend on `job`."""
        ...

    async def followers(self, job: JobId, limit: int) -> list[Job]:
        """The first jobs by id that depend on `job`, in any state."""
        ...

    async def arrays(self) -> list[Array]:
        """Arrays whose composite job has not ended."""
        ...

    async def array(self, composite: JobId) -> Array | None: ...

    async def array_counts(
        self, composites: Sequence[JobId]
    ) -> Mapping[JobId, Mapping[str, int]]:
        """How many members of each array, or tasks of each flow, are in each state.

        States with none are left out; in the past, very large arrays and flows are too.
        """
        ...

    async def members(self, composite: JobId, offset: int, limit: int) -> list[Job]:
        """Members of an array from a place on, in order of id."""
        ...

    async def counts(self) -> list[Count]: ...

    async def standings(self, queue: str | None = None) -> list["Standing"]:
        """All jobs that wait, or those of one queue, counted by how they stand."""
        ...

    async def queues(self) -> list[Queue]: ...

    async def modes(self) -> Mapping[str, Mode]:
        """Backpressure of each queue where it is not normal."""
        ...

    async def workers(self) -> list[Worker]: ...


class Past(Reads, Protocol):
    """What there was at one event, and what of it only a working set knows of now."""

    async def running(self, limit: int) -> list[Job]:
        """Jobs whose process ran, or was out of reach; the first by activity."""
        ...

    async def flows(self, since: Seq) -> Mapping[tuple[str, EventType], int]:
        """How many jobs of each queue came, started and ended after an event, until then."""
        ...

    async def blocked(self, job: JobId, queue: str) -> Blocked | None:
        """What the log last said of why a job could not start; or one of its queue.

        A queue is looked for among the newest few thousand events.
        """
        ...


class Moments(Protocol):
    """The part of a store that knows what was."""

    def at(self, moment: Seq) -> Past:
        """What there was when event `moment` was the newest; not before `horizon`."""
        ...

    async def horizon(self) -> Seq:
        """The first event as of which everything is known."""
        ...

    async def moment_at(self, at: int) -> Seq:
        """The last event before the log's clock passed an instant, UTC microseconds.

        The log's clock is the latest instant that any event so far has: it never goes
        back, even where the host's clock did. 0 if it had passed before the horizon.
        """
        ...

    async def instant_of(self, moment: Seq) -> int:
        """When event `moment`, or the last one before it, happened; 0 if there is none."""
        ...
