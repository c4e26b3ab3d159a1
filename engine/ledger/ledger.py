"""The ledger: where loops and handlers change jobs, one compare-and-set at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from engine.errors import EngineError, KeyTaken, NotFound, Refused, StaleLease
from engine.ledger.deciding import Chunk, Closing, Decide, Decided, Done, Refusal, written
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.writer import Writer
from engine.ledger.writes import Receipt, Write, ignore
from engine.model.ids import Epoch, JobId
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.snapshot import Carried
from engine.model.worker import Queue, Worker
from engine.store.protocol import Draft, NewJob, Store, Unit, WorkerMove

TRIES = 20
"""How often an act looks again at a job that somebody else keeps changing."""


SOME = 512
"""Jobs that are decided about in one unit: few enough for others to get a turn."""


class Ledger:
    """The only way to change anything."""

    def __init__(self, store: Store, working_set: WorkingSet, writer: Writer) -> None:
        self._store = store
        self._set = working_set
        self.writer = writer

    @property
    def epoch(self) -> Epoch:
        """Ours, for units that are put together elsewhere."""
        return self._set.epoch

    def new_queues(self, jobs: Iterable[NewJob]) -> list[str]:
        """Queues that come into being with these jobs, by name."""
        return sorted({job.now.queue for job in jobs}.difference(self._set.stored_queues))

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
        self,
        jobs: Iterable[Job],
        decide: Decide,
        *,
        actor: str = "engine",
        closing: Closing | None = None,
    ) -> list[Done]:
        """`act` on many jobs at once, some hundred in one unit; each is answered for.

        Each job is still compared with how it was seen: where one has moved meanwhile,
        it is decided about again, and its neighbours are none the worse.

        Args:
            jobs: As last seen.
            decide: What becomes of each.
            actor: Who wants it.
            closing: What is told of it all, if it comes to one unit.

        Returns:
            For each job, in order: before and after, or why nothing was done to it.

        Raises:
            StoreError: nothing was written of at least one of them; repeat all.
        """
        jobs = list(jobs)
        done: list[Done] = []
        only = closing if len(jobs) <= SOME else None
        for begin in range(0, len(jobs), SOME):
            some = jobs[begin : begin + SOME]
            done += await self._act_on_some(some, decide, actor, only)
        return done

    async def act_together(
        self, jobs: Sequence[Job], decide: Decide, *, actor: str = "engine"
    ) -> list[Done]:
        """`act_on_all` in one unit, however many they are: all of what it changes, or nothing.

        Raises:
            StaleLease: one of them has changed; look again at all.
            KeyTaken: the key of one is another's by now.
        """
        chunk = Chunk(jobs, decide, actor)
        return chunk.answers(await self.writer.post(partial(self._build, chunk)))

    async def _act_on_some(
        self, jobs: Sequence[Job], decide: Decide, actor: str, closing: Closing | None
    ) -> Sequence[Done]:
        """All in one unit, twice; who is still in the way is found one by one."""
        for _ in range(2):
            chunk = Chunk(jobs, decide, actor, closing)
            try:
                receipt = await self.writer.post(partial(self._build, chunk))
                if closing is not None and receipt is not None:
                    closing.done(receipt)
                return chunk.answers(receipt)
            except StaleLease:
                jobs = await self._newest(jobs)
            except KeyTaken:
                break
        return await self._one_by_one(jobs, decide, actor)

    def _build(self, chunk: Chunk) -> Write | None:
        return chunk.build(self._set.live, self._set.epoch, self._set.stored_queues)

    async def _newest(self, jobs: Sequence[Job]) -> list[Job]:
        """The same jobs as of the last commit."""
        stored = {job.id: job for job in await self._store.jobs([job.id for job in jobs])}
        return [stored.get(job.id, job) for job in jobs]

    async def _one_by_one(
        self, jobs: Iterable[Job], decide: Decide, actor: str
    ) -> Sequence[Done]:
        try:
            async with asyncio.TaskGroup() as acts:
                tasks = [acts.create_task(self._try(job, decide, actor)) for job in jobs]
        except* EngineError as errors:
            failed = _first(errors)
        else:
            return [task.result() for task in tasks]
        raise failed

    async def _try(self, job: Job, decide: Decide, actor: str) -> Done:
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
        decided = [Decided(job, live, change)]
        return written(decided, self._set.epoch, actor, self._set.stored_queues)

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

    async def set_worker(self, was: Worker | None, worker: Worker, event: Draft) -> None:
        """Write a worker as it shall be.

        Args:
            was: As it was last seen; None if it is not there.
            worker: As it shall be stored.
            event: That tells of it.

        Raises:
            StaleLease: somebody was faster; nothing was written.
        """
        await self._move_worker(worker.name, was, worker, event)

    async def remove_worker(self, was: Worker, event: Draft) -> None:
        """Forget a worker. Raises: StaleLease, as `set_worker`."""
        await self._move_worker(was.name, was, None, event)

    async def change_worker(
        self, name: str, change: Callable[[Worker], Worker | None], *events: Draft
    ) -> Receipt | None:
        """Apply a change to a worker, looking again for as long as others change it too.

        Args:
            name: Of the worker.
            change: Called with the newest known one, perhaps more than once; None: there is
                nothing to do.
            events: That tell of it.

        Returns:
            What was written; None if it is not there, or nothing was done.

        Raises:
            Refused: as `change` did.
            StaleLease: the worker changed twenty times in a row.
        """
        for _ in range(TRIES):
            was = self._set.workers.get(name)
            now = change(was) if was is not None else None
            if was is None or now is None:
                return None
            try:
                return await self._move_worker(name, was, now, *events)
            except StaleLease:
                continue
        raise StaleLease(f"worker {name!r} is being changed by others all the time")

    async def _move_worker(
        self, name: str, was: Worker | None, now: Worker | None, *events: Draft
    ) -> Receipt | None:
        move = WorkerMove(name=name, was_version=was.version if was else 0, now=now)
        unit = Unit(epoch=self._set.epoch, workers=[move], events=events)
        return await self.writer.post(lambda: Write(unit))

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

    async def note(self, *events: Draft) -> Receipt | None:
        """Write events that change nothing else, in one unit."""
        unit = Unit(epoch=self._set.epoch, events=events)
        return await self.writer.post(lambda: Write(unit))


def _first(errors: BaseExceptionGroup[EngineError]) -> EngineError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
