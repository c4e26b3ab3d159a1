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
from engine.policy.reuse import is_fixed, is_reusable, memo_key
from engine.policy.workflows.late import filled
from engine.store.keeping import Leavings
from engine.store.protocol import Store
from engine.store.units import Unit

log = logging.getLogger(__name__)

MOST_REMEMBERED: Final = 10_000
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
        self._missed: dict[JobId, int] = {}
        """Jobs that have to run, by their version when that was found."""

    def must_look(self, job: Job) -> bool:
        """Whether nobody has looked yet for what could stand in for its next run."""
        return job.spec.memo is not None and self._missed.get(job.id) != job.now.version

    async def consider(self, job: Job) -> bool:
        """End the job with an earlier result; false if it has to run."""
        try:
            if job.spec.memo is not None and await self._reused(job, job.spec.memo):
                return True
        except StaleEpoch:
            raise
        except (EngineError, OSError) as error:
            log.warning("#%d runs: no result of its like can be looked for: %s", job.id, error)
        if len(self._missed) >= MOST_REMEMBERED:
            self._missed.pop(next(iter(self._missed)))
        self._missed[job.id] = job.now.version
        return False

    async def _reused(self, job: Job, memo: Memo) -> bool:
        if not is_fixed(job.spec):
            return False
        key = await self._key(job, memo)
        now_at = self._clock.now()
        found = await self._store.memo(key, now_at - memo.ttl_ms * 1000)
        if found is None or not is_reusable(found, memo, now_at) or not await self._has(found):
            await self._store.note_memo(self._set.epoch, job.id, key, now_at)
            await self._store.put_blobs(self._set.epoch, [], [MISS])
            return False
        await self._end(job, found)
        return True

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
