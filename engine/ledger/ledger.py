"""The ledger: where loops and handlers change jobs, one compare-and-set at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from engine.errors import EngineError, NotFound, Refused, StaleLease
from engine.ledger.live import Live
from engine.ledger.working_set import WorkingSet
from engine.ledger.writer import Writer
from engine.ledger.writes import Receipt, Write, ignore
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.snapshot import Carried
from engine.model.states import Phase, step
from engine.model.worker import Queue, Worker
from engine.policy.change import Change
from engine.store.protocol import AttemptMove, Draft, JobEdit, JobMove, Store, Unit

TRIES = 20
"""How often an act looks again at a job that somebody else keeps changing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that could not be done to a job."""

    job: Job
    error: EngineError


Decide = Callable[[Job], Change | None]
"""Looks at a job as it is and says what becomes of it; None: nothing. Raises Refused."""


class Ledger:
    """The only way to change anything."""

    def __init__(self, store: Store, working_set: WorkingSet, writer: Writer) -> None:
        self._store = store
        self._set = working_set
        self.writer = writer

    async def find(self, job: JobId) -> Job:
        """The job as of the last commit.

        Raises:
            NotFound: there is none with this id.
        """
        live = self._set.live.by_job.get(job)
        if live is not None:
            return live.job
        found = await self._store.job(job)
        if found is None:
            raise NotFound(f"there is no job #{job}", field="id")
        return found

    async def act(self, job: Job, decide: Decide, *, actor: str = "engine") -> tuple[Job, Job]:
        """Apply a decision to a job, looking again for as long as others change it too.

        Args:
            job: The job as last seen.
            decide: Called with the newest known image, perhaps more than once.
            actor: Who wants it; goes into the event.

        Returns:
            The job before and after; twice the same if there was nothing to do.

        Raises:
            Refused: as `decide` did.
            StaleLease: the job changed twenty times in a row.
            StoreError: nothing was written.
        """
        for _ in range(TRIES):
            seen = [job]
            try:
                receipt = await self.writer.post(partial(self._write, seen, decide, actor))
            except StaleLease:
                job = await self.find(job.id)
                continue
            return seen[0], (receipt.jobs[0] if receipt else seen[0])
        raise StaleLease(f"#{job.id} is being changed by others all the time; try again")

    async def act_on_all(
        self, jobs: Iterable[Job], decide: Decide, *, actor: str = "engine"
    ) -> list[tuple[Job, Job] | Refusal]:
        """`act` on many jobs at once, so that they share commits; each is answered for.

        Returns:
            For each job, in order: before and after, or why nothing was done to it.

        Raises:
            StoreError: nothing was written of at least one of them; repeat all.
        """
        try:
            async with asyncio.TaskGroup() as acts:
                tasks = [acts.create_task(self._try(job, decide, actor)) for job in jobs]
        except* EngineError as errors:
            failed = _first(errors)
        else:
            return [task.result() for task in tasks]
        raise failed

    async def _try(self, job: Job, decide: Decide, actor: str) -> tuple[Job, Job] | Refusal:
        try:
            return await self.act(job, decide, actor=actor)
        except (Refused, StaleLease) as refusal:
            return Refusal(job, refusal)

    def _write(self, seen: list[Job], decide: Decide, actor: str) -> Write | None:
        """What `decide` wants of the newest image of the job; that image goes into `seen`."""
        live = self._set.live.by_job.get(seen[0].id)
        job = seen[0] = live.job if live is not None else seen[0]
        change = decide(job)
        if change is None:
            return None
        queues = self._queues_to_make(change)
        unit = Unit(
            epoch=self._set.epoch,
            moves=[job_move(job, change)],
            queues=[(0, queue) for queue in queues],
            edits=_edits(job, change),
            attempt_moves=_stopping(live) if live and change.now.stopping else (),
            events=[
                *(_queue_created(queue, actor) for queue in queues),
                draft(job, change, actor=actor, **change.data),
            ],
        )
        return Write(unit, {job.id: job})

    def _queues_to_make(self, change: Change) -> Sequence[Queue]:
        """A queue comes into being when a job is moved to it, as when one is submitted."""
        name = change.now.queue
        return () if name in self._set.stored_queues else (Queue(name=name),)

    async def set_queue(
        self, was: Queue | None, queue: Queue, events: Sequence[Draft]
    ) -> Receipt | None:
        """Write a queue as it shall be.

        Args:
            was: As it is in `WorkingSet.stored_queues`, without the configuration; None if
                it is not there.
            queue: As it shall be stored.
            events: That tell of it.

        Raises:
            StaleLease: somebody was faster.
        """
        unit = Unit(
            epoch=self._set.epoch,
            queues=[(was.version if was else 0, queue)],
            events=events,
        )
        return await self.writer.post(lambda: Write(unit))

    async def set_worker(self, worker: Worker, event: Draft) -> None:
        """Write a worker as it is now."""
        unit = Unit(epoch=self._set.epoch, workers=[worker], events=[event])
        await self.writer.post(lambda: Write(unit))

    def tell(
        self,
        *events: Draft,
        carried: Carried | None = None,
        modes: Mapping[str, Mode] | None = None,
    ) -> None:
        """Write events that change nothing else, if they can be written; wait for nothing.

        Args:
            events: What to tell.
            carried: What the round that tells it hands to the next, whoever runs that.
            modes: Of all queues that are not normal, if that is what is told.
        """
        unit = Unit(epoch=self._set.epoch, events=events, carried=carried, modes=modes)
        ignore(self.writer.post(lambda: Write(unit)))

    async def note(self, event: Draft) -> None:
        """Write an event that changes nothing else."""
        unit = Unit(epoch=self._set.epoch, events=[event])
        await self.writer.post(lambda: Write(unit))


def _first(errors: BaseExceptionGroup[EngineError]) -> EngineError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _stopping(live: Live) -> Sequence[AttemptMove]:
    """What telling a job to end does to its open attempt."""
    attempt = live.attempt
    if attempt.phase is Phase.STOPPING:
        return ()
    now = replace(attempt, phase=step(attempt.phase, Phase.STOPPING))
    return [AttemptMove(was_phase=attempt.phase, was_epoch=attempt.epoch, now=now)]


def _queue_created(queue: Queue, actor: str) -> Draft:
    return Draft(type=EventType.QUEUE_CREATED, actor=actor, data={"queue": queue.name})


def _edits(job: Job, change: Change) -> Sequence[JobEdit]:
    """The other spec of a change, if it has one."""
    if change.spec is None:
        return ()
    return [JobEdit(id=job.id, spec=change.spec, shape=change.shape)]


def job_move(job: Job, change: Change) -> JobMove:
    """The compare-and-set that a change comes to."""
    return JobMove(id=job.id, was=job.now, now=change.now, spec=job.spec)


def draft(job: Job, change: Change, *, actor: str = "engine", **data: object) -> Draft:
    """The event that tells of a change."""
    return Draft(
        type=change.event,
        job=job.id,
        attempt=job.now.attempt or change.now.attempt,
        worker=change.now.worker or job.now.worker,
        tenant=job.spec.tenant,
        actor=actor,
        cause=change.cause,
        data=data,
    )
