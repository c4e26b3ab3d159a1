"""The past of a store on SQLite: the same reads as of now, as of an event."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.worker import Count, Queue, Worker
from engine.store.codec import Row
from engine.store.moments import Blocked, Past
from engine.store.protocol import Page, Standing, Window
from engine.store.sqlite import then, values, windows
from engine.store.sqlite.connection import Thread
from engine.store.sqlite.source import Source, job_then, jobs_then
from engine.store.sqlite.source import then as source_of
from engine.store.values import Grouped, Grouping

T = TypeVar("T")

MOMENTS = 4
"""Of so many moments what was found is kept."""


class PastReads:
    """The part of `SqliteStore` that knows what was."""

    _looks: Thread
    _lists: Thread

    _pasts: dict[Seq, "SqlitePast"]

    def at(self, moment: Seq) -> Past:
        """What was found of the last few moments is not looked for again."""
        found = self._pasts.pop(moment, None) or SqlitePast(moment, self._looks, self._lists)
        self._pasts[moment] = found
        if len(self._pasts) > MOMENTS:
            del self._pasts[next(iter(self._pasts))]
        return found

    async def horizon(self) -> Seq:
        return await self._looks.call(lambda db: db.look(then.horizon))

    async def moment_at(self, at: int) -> Seq:
        return await self._looks.call(lambda db: db.look(partial(then.moment_at, at=at)))

    async def instant_of(self, moment: Seq) -> int:
        work = partial(then.instant_of, moment=moment)
        return await self._looks.call(lambda db: db.look(work))


class SqlitePast:
    """`engine.store.moments.Past` as of one event."""

    def __init__(self, moment: Seq, looks: Thread, lists: Thread) -> None:
        self._moment = moment
        self._looks = looks
        self._lists = lists
        self._memo: dict[str, list[Row]] = {}

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._looks.call(lambda db: db.look(work))

    async def _from(self, work: Callable[[sqlite3.Connection, Source], T]) -> T:
        def run(db: sqlite3.Connection) -> T:
            return work(db, source_of(db, self._moment, self._memo))

        return await self._look(run)

    async def job(self, job: JobId) -> Job | None:
        return await self._from(lambda db, source: job_then(db, source, job))

    async def jobs(self, ids: Sequence[JobId]) -> list[Job]:
        return await self._from(lambda db, source: jobs_then(db, source, ids))

    async def window(self, window: Window) -> Page:
        def run(db: sqlite3.Connection) -> Page:
            return windows.window(db, window, source_of(db, self._moment, self._memo))

        return await self._lists.call(lambda db: db.look(run))

    async def grouped(self, asked: Grouping) -> Grouped:
        def run(db: sqlite3.Connection) -> Grouped:
            return values.grouped(db, asked, source_of(db, self._moment, self._memo))

        return await self._lists.call(lambda db: db.look(run))

    async def attempts(self, job: JobId) -> list[Attempt]:
        return await self._from(lambda db, source: then.attempts(db, job, source))

    async def dependencies(self, job: JobId) -> list[Job]:
        return await self._from(lambda db, source: then.dependencies(db, job, source))

    async def dependents(self, job: JobId, limit: int) -> list[Job]:
        return await self._from(lambda db, source: then.dependents(db, job, source, limit))

    async def followers(self, job: JobId, limit: int) -> list[Job]:
        return await self._from(lambda db, source: then.followers(db, job, source, limit))

    async def running(self, limit: int) -> list[Job]:
        return await self._from(lambda db, source: then.running(db, source, limit))

    async def standings(self, queue: str | None = None) -> list[Standing]:
        def run(db: sqlite3.Connection) -> list[Standing]:
            return then.standings(db, source_of(db, self._moment, self._memo), queue)

        return await self._lists.call(lambda db: db.look(run))

    async def flows(self, since: Seq) -> Mapping[tuple[str, EventType], int]:
        return await self._look(partial(then.flows, moment=self._moment, since=since))

    async def blocked(self, job: JobId, queue: str) -> Blocked | None:
        work = partial(then.blocked, job=job, queue=queue, moment=self._moment)
        return await self._look(work)

    async def arrays(self) -> list[Array]:
        return await self._from(then.arrays)

    async def array(self, composite: JobId) -> Array | None:
        work = partial(then.array, composite=composite, moment=self._moment)
        return await self._look(work)

    async def array_counts(
        self, composites: Sequence[JobId]
    ) -> Mapping[JobId, Mapping[str, int]]:
        work = partial(then.array_counts, composites=composites, moment=self._moment)
        return await self._look(work)

    async def members(self, composite: JobId, offset: int, limit: int) -> list[Job]:
        return await self._from(
            lambda db, source: then.members(db, composite, source, offset, limit)
        )

    async def counts(self) -> list[Count]:
        return await self._from(lambda db, source: [Count(*row) for row in source.counts(db)])

    async def queues(self) -> list[Queue]:
        return await self._look(partial(then.queues, moment=self._moment))

    async def modes(self) -> Mapping[str, Mode]:
        return await self._look(partial(then.modes, moment=self._moment))

    async def workers(self) -> list[Worker]:
        return await self._look(partial(then.workers, moment=self._moment))
