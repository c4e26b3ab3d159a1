"""The store on SQLite: which connection does what; the work itself is in the siblings."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

from engine.clock import Clock
from engine.errors import EngineError, NotFound, StoreError, StoreFull
from engine.model.array import Array
from engine.model.attempt import Attempt, Lease
from engine.model.events import Event
from engine.model.filter import Query
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Job, Progress, Shape
from engine.model.rules import Mode
from engine.model.sight import Usage
from engine.model.snapshot import Carried, LaneKey
from engine.model.spec import Surroundings
from engine.model.worker import Count, Queue, Worker
from engine.store import codec
from engine.store.protocol import NewJob, Page, Standing, Unit, Window, Written
from engine.store.sqlite import acts, bulk, connection, reads, samples, tallies, values, windows
from engine.store.sqlite.applying import apply_units
from engine.store.sqlite.connection import Connect, Thread, WriterConnection
from engine.store.sqlite.crons import CronReads
from engine.store.sqlite.event_log import EventReads
from engine.store.sqlite.flow_reads import FlowReads
from engine.store.sqlite.hooks import HookReads
from engine.store.sqlite.keeping import KeepingStore
from engine.store.sqlite.kept import KeptReads
from engine.store.sqlite.opening import opener
from engine.store.sqlite.past import PastReads
from engine.store.sqlite.tally import Tally
from engine.store.sqlite.upkeep import Upkeep
from engine.store.values import Grouped, Grouping

T = TypeVar("T")


class SqliteStore(
    KeptReads, CronReads, HookReads, FlowReads, KeepingStore, EventReads, PastReads
):
    """`engine.store.protocol.Store` on one SQLite file; make it with `open`."""

    def __init__(
        self, clock: Clock, upkeep: Upkeep, writer: Thread, looks: Thread, lists: Thread
    ) -> None:
        self._clock = clock
        self._upkeep = upkeep
        self._writer = writer
        self._looks = looks
        self._lists = lists
        self._next_job = 0
        self._pasts = {}
        self._batches: dict[JobId, tuple[JobId, Tally]] = {}

    @classmethod
    async def open(
        cls,
        path: Path,
        clock: Clock,
        *,
        connect: Connect = connection.on_thread,
        chance: Random | None = None,
    ) -> "SqliteStore":
        """The store in the file at `path`, made or migrated if it needs to be.

        Args:
            path: The database; its directory is made 0700 if it is missing.
            clock: Gives events their instant.
            connect: Where connections live: on threads, or in line for simulation.
            chance: Draws the id of a new database; the system's if None.

        Raises:
            UnusableState, StoreReadOnly, StoreFull, StoreLocked, StoreTooNew,
            StoreCorrupt: as their names say; the files are as they were.
        """
        threads: list[Thread] = []
        try:
            for way in (opener(path, chance), *[connection.reader(path)] * 2):
                threads.append(await connect(way))
            store = cls(clock, Upkeep(path, clock), *threads)
            await store._begin()
        except BaseException:
            for thread in reversed(threads):
                await thread.close()
            raise
        return store

    async def _begin(self) -> None:
        self._upkeep.load_ballast()
        await self._learn_next_job()

    async def _learn_next_job(self) -> None:
        self._next_job = await self._look(partial(reads.one, name="meta", key="next_job"))

    async def close(self) -> None:
        try:
            await self._lists.close()
            await self._looks.close()
            await self._writer.call(self._upkeep.finish)
        finally:
            await self._writer.close()

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, on disk. Not stopped when the caller stops waiting."""
        return await self._write_by(WriterConnection.transact, work)

    async def _write_by(
        self,
        way: Callable[[WriterConnection, Callable[[sqlite3.Connection], T]], T],
        work: Callable[[sqlite3.Connection], T],
    ) -> T:
        def run(db: WriterConnection) -> T:
            result = way(db, work)
            self._upkeep.committed(db)
            return result

        try:
            return await self._writer.call(run)
        except StoreFull:
            self._upkeep.drop_ballast()
            raise

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._looks.call(lambda db: db.look(work))

    async def _list(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same for what may take long: it does not hold up the short looks."""
        return await self._lists.call(lambda db: db.look(work))

    async def controller(self) -> str:
        found: str = await self._look(partial(reads.one, name="meta", key="controller"))
        return found

    async def take_over(self, now_at: int) -> Epoch:
        del now_at
        epoch = await self._transact(bulk.take_over)
        self._batches.clear()
        await self._learn_next_job()
        return epoch

    async def write(self, units: Sequence[Unit]) -> list[Written | EngineError]:
        return await self._transact(partial(apply_units, units=units, at=self._clock.now()))

    async def reserve_ids(self, count: int) -> JobId:
        first = self._next_job
        self._next_job += count
        return JobId(first)

    async def intern_shape(self, shape: Shape) -> int:
        body = codec.encode(shape)
        known: int | None = await self._look(partial(reads.one, name="shape_key", body=body))
        if known is not None:
            return known
        return await self._transact(partial(bulk.intern_shape, body=body))

    async def intern_surroundings(self, surroundings: Surroundings) -> int:
        body = codec.encode(surroundings)
        digest = hashlib.sha256(body.encode()).digest()
        known: int | None = await self._look(
            partial(reads.one, name="surroundings_key", digest=digest)
        )
        if known is not None:
            return known
        work = partial(bulk.intern_surroundings, digest=digest, body=body)
        return await self._transact(work)

    async def open_batch(self, first: JobId, last: JobId) -> None:
        self._batches[first] = (last, Tally())
        await self._transact(partial(bulk.open_batch, first=first, last=last))

    async def add_to_batch(self, jobs: Sequence[NewJob]) -> None:
        for start in range(0, len(jobs), bulk.SLICE):
            part = jobs[start : start + bulk.SLICE]
            sums = self._open_batch_of(part[0].id)
            await self._write_by(partial(_prepare_counted, sums), partial(bulk.add, jobs=part))

    def _open_batch_of(self, job: JobId) -> Tally:
        for first, (last, sums) in self._batches.items():
            if first <= job <= last:
                return sums
        raise NotFound(f"job {job} belongs to no open batch")

    async def commit_batch(self, first: JobId, unit: Unit) -> Written:
        sums = self._open_batch_of(first)
        work = partial(bulk.commit, first=first, unit=unit, sums=sums, at=self._clock.now())
        written = await self._transact(work)
        if isinstance(written, EngineError):
            raise written
        del self._batches[first]
        return written

    async def drop_batch(self, first: JobId) -> None:
        self._open_batch_of(first)
        open_batch = self._batches.pop(first)
        last, _ = open_batch
        try:
            await self._transact(partial(bulk.drop, first=first, last=last))
        except StoreError:  # it is there still, and can be dropped later
            self._batches[first] = open_batch
            raise

    async def request(self, key: str) -> tuple[JobId, JobId] | None:
        return await self._look(partial(reads.request, key=key))

    async def key_holders(
        self, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str | None], JobId]:
        return await self._look(partial(reads.key_holders, keys=keys))

    async def job(self, job: JobId) -> Job | None:
        found = await self.jobs([job])
        return found[0] if found else None

    async def jobs(self, ids: Sequence[JobId]) -> list[Job]:
        return await self._look(partial(reads.jobs, ids=ids))

    async def window(self, window: Window) -> Page:
        return await self._list(partial(windows.window, asked=window))

    async def matching(self, query: Query, now_at: int, limit: int) -> list[JobId]:
        work = partial(windows.matching, query=query, now_at=now_at, limit=limit)
        return await self._list(work)

    async def grouped(self, asked: Grouping) -> Grouped:
        return await self._list(partial(values.grouped, asked=asked))

    async def lanes(self) -> list[LaneKey]:
        return await self._look(reads.lanes)

    async def lane(self, key: LaneKey, after: JobId, limit: int) -> list[Job]:
        return await self._look(partial(reads.lane, key=key, after=after, limit=limit))

    async def before_in_lane(self, key: LaneKey, job: JobId, limit: int) -> int:
        return await self._look(partial(reads.before_in_lane, key=key, job=job, limit=limit))

    async def standings(self, queue: str | None = None) -> list[Standing]:
        return await self._list(partial(tallies.standings, queue=queue))

    async def carried(self) -> Carried:
        return await self._look(reads.carried)

    async def modes(self) -> Mapping[str, Mode]:
        return await self._look(reads.modes)

    async def arrays(self) -> list[Array]:
        return await self._look(tallies.arrays)

    async def array(self, composite: JobId) -> Array | None:
        return await self._look(partial(tallies.array, composite=composite))

    async def array_counts(
        self, composites: Sequence[JobId]
    ) -> Mapping[JobId, Mapping[str, int]]:
        return await self._look(partial(tallies.array_counts, composites=composites))

    async def members(self, composite: JobId, offset: int, limit: int) -> list[Job]:
        work = partial(tallies.members, composite=composite, offset=offset, limit=limit)
        return await self._look(work)

    async def waiting_by_namespace(self) -> Mapping[tuple[str, str], int]:
        return await self._look(tallies.waiting_by_namespace)

    async def goal_holders(self) -> list[Job]:
        return await self._look(tallies.goal_holders)

    async def last_workers(self, limit: int) -> Mapping[str, str]:
        return await self._look(partial(tallies.last_workers, limit=limit))

    async def run_times_ms(self, name: str, queue: str, limit: int) -> list[int]:
        work = partial(tallies.run_times_ms, name=name, queue=queue, limit=limit)
        return await self._look(work)

    async def shapes_in_use(self) -> set[int]:
        return await self._look(tallies.shapes_in_use)

    async def shapes(self) -> Mapping[int, Shape]:
        return await self._look(reads.shapes)

    async def surroundings(self, key: int) -> Surroundings:
        found = await self._look(partial(reads.surroundings, key=key))
        if found is None:
            raise NotFound(f"there are no surroundings with the key {key}")
        return found

    async def due(self, now_at: int, limit: int) -> list[Job]:
        return await self._look(partial(reads.due, now_at=now_at, limit=limit))

    async def next_due_at(self) -> int | None:
        found: int | None = await self._look(partial(reads.one, name="next_due_at"))
        return found

    async def dependents(self, job: JobId, limit: int) -> list[Job]:
        return await self._look(partial(reads.dependents, job=job, limit=limit))

    async def followers(self, job: JobId, limit: int) -> list[Job]:
        return await self._look(partial(reads.followers, job=job, limit=limit))

    async def dependencies(self, job: JobId) -> list[Job]:
        return await self._look(partial(reads.dependencies, job=job))

    async def settled_dependencies(self, limit: int) -> list[Job]:
        return await self._look(partial(reads.settled_dependencies, limit=limit))

    async def heard_news(self, jobs: Sequence[JobId]) -> None:
        await self._transact(partial(reads.heard_news, jobs=jobs))

    async def open_attempts(self) -> list[tuple[Attempt, Job]]:
        return await self._look(reads.open_attempts)

    async def attempts(self, job: JobId) -> list[Attempt]:
        return await self._look(partial(reads.attempts, job=job))

    async def leases(self) -> list[Lease]:
        return await self._look(reads.leases)

    async def renew(
        self, attempts: Sequence[AttemptId], epoch: Epoch, at: int, until: int
    ) -> int:
        work = partial(reads.renew, attempts=attempts, epoch=epoch, at=at, until=until)
        return await self._transact(work)

    async def keep_samples(
        self,
        epoch: Epoch,
        points: Mapping[AttemptId, Sequence[Usage]],
        instead: Mapping[AttemptId, Sequence[Usage]],
    ) -> None:
        await self._transact(partial(samples.keep, epoch=epoch, points=points, instead=instead))

    async def samples(
        self, attempts: Sequence[AttemptId]
    ) -> Mapping[AttemptId, Sequence[Usage]]:
        return await self._look(partial(samples.read, attempts=attempts))

    async def queues(self) -> list[Queue]:
        return await self._look(reads.queues)

    async def workers(self) -> list[Worker]:
        return await self._look(reads.workers)

    async def counts(self) -> list[Count]:
        return await self._look(reads.counts)

    async def events(self, after: Seq, limit: int, *, job: JobId | None = None) -> list[Event]:
        work = partial(reads.events, after=after, limit=limit, job=job)
        return await self._look(work)

    async def last_events(
        self, before: Seq, limit: int, *, job: JobId | None = None
    ) -> list[Event]:
        work = partial(reads.last_events, before=before, limit=limit, job=job)
        return await self._look(work)

    async def acts(
        self,
        before: Seq,
        limit: int,
        *,
        actor: str | None = None,
        verb: str | None = None,
        since_at: int = 0,
    ) -> list[Event]:
        wanted = acts.Wanted(before=before, actor=actor, verb=verb, since_at=since_at)
        return await self._list(partial(acts.acts, wanted=wanted, limit=limit))

    @property
    def checkpoint_at(self) -> int | None:
        return self._upkeep.checkpoint_at

    async def bulk_since(self, seq: Seq) -> Sequence[tuple[JobId, JobId]]:
        return await self._look(partial(acts.bulk_since, seq=seq))

    async def head(self) -> Seq:
        return Seq(await self._look(partial(reads.one, name="head")))

    async def past(self, job: JobId, seq: Seq) -> Progress | None:
        """A job's changing columns when event `seq` was the newest; None before it was."""
        return await self._look(partial(reads.past, job=job, seq=seq))

    async def check(self) -> list[str]:
        return await self._list(reads.check)


def _prepare_counted(
    sums: Tally,
    db: WriterConnection,
    work: Callable[[sqlite3.Connection], Tally],
) -> None:
    """Write rows of a batch and note what they add up to, whoever still waits for it."""
    sums.update(db.prepare(work))
