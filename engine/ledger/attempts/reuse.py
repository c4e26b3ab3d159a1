"""Reuse: an earlier result that stands in for a run, looked for before a job is granted."""

import logging
from functools import partial
from typing import Final

from msgspec.structs import replace

from engine.artifacts.inputs import named
from engine.artifacts.shelf import Shelf
from engine.clock import Clock
from engine.errors import BlobCorrupt, EngineError, NotFound, StaleEpoch, StoreError
from engine.ledger.attempts.contexts import Contexts
from engine.ledger.deciding import draft, job_move
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.writer import Writer
from engine.ledger.writes import Write
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.keeping import CacheCount, CacheKind, Memo
from engine.model.workflow import TaskResult
from engine.policy.jobs.lifecycle import reuse
from engine.policy.reuse import is_awaitable, is_fixed, is_reusable, memo_key
from engine.policy.workflows.late import filled
from engine.store.keeping import Leavings
from engine.store.protocol import Store
from engine.store.units import Unit

log = logging.getLogger(__name__)

AT_ONCE: Final = 1_000
HIT: Final = CacheCount(kind=CacheKind.MEMO, hits=1)
MISS: Final = CacheCount(kind=CacheKind.MEMO, misses=1)


class Reuse:
    """Finds results to reuse. A job that has none is granted as any other."""

    def __init__(
        self, store: Store, working_set: WorkingSet, writer: Writer, shelf: Shelf, clock: Clock
    ) -> None:
        self._store = store
        self._set = working_set
        self._writer = writer
        self._shelf = shelf
        self._clock = clock
        self._contexts = Contexts(store)
        self._flights = working_set.flights

    async def recover(self) -> None:
        """Know who computes what, as is on disk; who has no attempt computes nothing."""
        by_job = self._set.live.by_job
        for gone in self._flights.in_flight():
            if gone not in by_job:
                self._flights.land(gone)
        jobs = [one.job for one in by_job.values() if one.job.spec.memo is not None]
        keys = await self._store.memo_keys([job.id for job in jobs]) if jobs else {}
        for job in jobs:
            live = by_job.get(job.id)
            if live is not None and job.id in keys and is_awaitable(live.job):
                self._flights.take_off(live.job, keys[job.id])

    async def consider(self, job: Job) -> bool:
        """Whether it need not run now.

        It has ended with an earlier result then, or waits for one that is on its way.
        """
        try:
            if job.spec.memo is not None and await self._reused(job, job.spec.memo):
                return True
        except StaleEpoch:
            raise
        except (EngineError, OSError) as error:
            log.warning("#%d runs: no result of its like can be looked for: %s", job.id, error)
            self._flights.look(job)
        return False

    async def _reused(self, job: Job, memo: Memo) -> bool:
        if not is_fixed(job.spec):
            self._flights.look(job)
            return False
        key = await self._key(job, memo)
        self._flights.forget(job.id)
        while not self._flights.has_looked(job):  # else another has just come to an end
            self._flights.look(job, key)
            if self._flights.wait(job.id, key):
                return True
            found = await self._found(key, memo)
            if found is not None:
                await self._end(job, found)
                self._flights.forget(job.id)
                return True
            await self._store.note_memo(self._set.epoch, job.id, key, self._clock.now())
        await self._store.put_blobs(self._set.epoch, [], [MISS])
        return False

    async def _found(self, key: bytes, memo: Memo) -> Job | None:
        """Whose result stands in for a run; None: nobody's."""
        now_at = self._clock.now()
        found = await self._store.memo(key, now_at - memo.ttl_ms * 1000)
        if found is None or not is_reusable(found, memo, now_at) or not await self._has(found):
            return None
        return found

    async def recheck(self, job: Job) -> None:
        """Have the result of a job that has run not be reused if its inputs are others now.

        What it has read of them, nobody knows. Raises: StoreError.
        """
        memo = job.spec.memo
        if memo is None or not memo.inputs:
            return
        try:
            key = await self._key(job, memo)
        except StoreError:
            raise
        except (EngineError, OSError) as error:
            log.warning("#%d: its result is not reused: %s", job.id, error)
            key = b""
        await self._store.keep_memo(self._set.epoch, job.id, key)

    async def _key(self, job: Job, memo: Memo) -> bytes:
        around = await self._store.surroundings(job.surroundings)
        inputs = {}
        for path in memo.inputs:
            inputs[path] = await self._shelf.hands.do(partial(named, path))
        context = await self._contexts.context(job, "")
        spec = job.spec if context is None else filled(job.spec, context)
        return memo_key(
            spec, memo, cwd=around.cwd, env=around.env, inputs=inputs, context=context
        )

    async def _has(self, found: Job) -> bool:
        """Whether all that it left is still there, and is what it was."""
        below = 0
        while left := await self._store.artifacts(job=found.id, below=below, limit=AT_ONCE):
            below = left[-1].id
            for sha in {one.sha for one in left}:
                try:
                    await self._shelf.verified(sha)
                except (NotFound, BlobCorrupt):
                    return False
        return True

    async def _end(self, job: Job, found: Job) -> None:
        """Write that the job has the other's result. Raises: StaleLease: it has changed."""
        now_at = self._clock.now()
        change = reuse(job, found, now_at)
        results = await self._store.results([found.id])
        said = [_as_of(one, job.id, now_at) for one in results.values()]
        unit = Unit(
            epoch=self._set.epoch,
            moves=[job_move(job, change)],
            results=said,
            leavings=Leavings(reuses=[(job.id, found.id)], counts=[HIT]),
            events=[draft(job, change, actor="engine", **change.data)],
        )
        await self._writer.post(lambda: Write(unit, {job.id: job}))


def _as_of(result: TaskResult, job: JobId, at: int) -> TaskResult:
    return replace(result, job=job, attempt="", at=at)
