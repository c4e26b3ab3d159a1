"""Arrays: composite jobs follow their members, and stop them after too many failures."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from engine.clock import Clock
from engine.errors import EngineError, Refused, StaleEpoch, StaleLease, StoreError
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.setbacks import Setbacks
from engine.model.array import Array
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import FINAL, WAITING, State
from engine.policy.arrays.composite import (
    Counts,
    follow,
    is_stopped,
    number,
    stop_member,
    stop_whole,
)
from engine.policy.jobs.change import Change
from engine.store.protocol import Draft, Store
from engine.wake import Wake

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Arrays, or members of one, that are looked at before others get a turn."""

SPEAKING = FINAL | {State.RUNNING, State.RETRYING, State.QUEUED}
"""A member that has come to one of these may be news to its array."""


class MemberNews:
    """Which arrays have members that moved; bounded by the number of arrays."""

    def __init__(self) -> None:
        self.wake = Wake()
        self._arrays: set[JobId] = set()

    def hear(self, jobs: Sequence[Job]) -> None:
        """Take in jobs as a commit left them."""
        for job in jobs:
            if job.spec.array is not None and job.now.state in SPEAKING:
                self.look_at(job.spec.array)
            elif job.spec.flow is not None and job.spec.kind is Kind.COMPOSITE:
                self.look_at(job.id)  # it may be an array, that its workflow lets go

    def look_at(self, array: JobId) -> None:
        """Have the loop look at an array."""
        self._arrays.add(array)
        self.wake.knock()

    def take(self) -> list[JobId]:
        """Those that moved since this was last asked."""
        taken, self._arrays = sorted(self._arrays), set()
        return taken


class Arrays:
    """Brings composite jobs to where their members are. What counts is in the store."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        clock: Clock,
        news: MemberNews,
        setbacks: Setbacks,
        on_stopped: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._clock = clock
        self._news = news
        self._setbacks = setbacks
        self._on_stopped = on_stopped
        """Told when an array has stopped: members that somebody runs again may start."""
        self._stopped: set[JobId] = set()
        """Arrays whose waiting members this daemon has canceled."""
        self._kept: Counter[JobId] = Counter()
        """Arrays of which members are just being run again, by how many acts."""
        self._lame: set[JobId] = set()
        """Arrays whose composite job was told of as not able to follow."""

    async def run(self) -> None:
        """Look, decide, write, wait. Begins with all arrays: much may have been missed."""
        self._stopped.clear()
        for live in self._set.arrays.values():
            self._news.look_at(live.id)
        while True:
            await self._news.wake.wait()
            moved = self._news.take()
            try:
                await self.settle(moved)
            except BaseException:
                for array in moved:
                    self._news.look_at(array)
                raise

    def keep(self, array: JobId) -> None:
        """Leave an array as it is until `let_go`: members of it are being run again."""
        self._kept[array] += 1

    def let_go(self, array: JobId) -> None:
        """Follow its members again, once everybody who kept it has let it go."""
        self._kept[array] -= 1
        if self._kept[array] <= 0:
            del self._kept[array]
            self._news.look_at(array)

    async def settle(self, arrays: Sequence[JobId]) -> None:
        """Bring these arrays' composite jobs to where their members are."""
        for begin in range(0, len(arrays), AT_ONCE):
            some = arrays[begin : begin + AT_ONCE]
            jobs = await self._store.jobs(some)
            counts = await self._store.array_counts(some)  # no older than the jobs
            for job in jobs:
                await self._settle_alone(job, counts.get(job.id, {}))

    async def _settle_alone(self, job: Job, counts: Counts) -> None:
        """Settle one; what breaks in it is told, and costs no other array anything."""
        try:
            await self._setbacks.contain(f"array #{job.id}", self._settle(job, counts))
        except (StaleEpoch, StoreError):
            raise
        except StaleLease:
            self._news.look_at(job.id)
        except EngineError as error:
            self._tell(job, error)

    async def _settle(self, job: Job, counts: Counts) -> None:
        array = self._set.arrays.get(job.id) or await self._store.array(job.id)
        if array is None or array.id in self._kept:
            return
        has_ended = number(counts, FINAL) >= array.count
        if not has_ended:  # its limit holds, whatever becomes of the composite
            self._set.take_up(array, counts)
        job = await self._brought(job, array, counts)
        if job.now.state in FINAL:
            self._forget(array, is_over=has_ended)
            return
        self._set.take_up(array, counts)
        if has_ended:  # it was taken up again, and can end now
            self._news.look_at(array.id)
        if is_stopped(job, array):
            if number(counts, WAITING):
                await self._stop(array)
            self._set.failing.stopping.discard(array.id)
            self._on_stopped()
        elif not is_stopped(job, array):
            self._stopped.discard(array.id)

    async def _brought(self, job: Job, array: Array, counts: Counts) -> Job:
        """The composite, brought to where its members are, or left where it has to stay."""
        try:
            _, job = await self._ledger.act(job, partial(self._follow, job, array, counts))
        except StaleLease:
            self._news.look_at(array.id)
        except Refused as refusal:
            self._tell(job, refusal)
        else:
            self._lame.discard(array.id)
        return job

    def _tell(self, job: Job, refusal: EngineError) -> None:
        """Say once that a composite cannot follow: its members go on, and so do we."""
        if job.id in self._lame:
            return
        self._lame.add(job.id)
        cause = f"it stays {job.now.state} while members of it move: {refusal.message}"
        log.warning("array #%d: %s", job.id, cause)
        tenant = job.spec.tenant
        self._ledger.tell(
            Draft(type=EventType.JOB_BLOCKED, job=job.id, tenant=tenant, cause=cause)
        )

    def _forget(self, array: Array, *, is_over: bool) -> None:
        self._stopped.discard(array.id)
        if is_over and array.id not in self._kept:
            self._lame.discard(array.id)
            self._set.arrays.pop(array.id, None)

    def _follow(self, seen: Job, array: Array, counts: Counts, job: Job) -> Change | None:
        if array.id in self._kept:
            return None
        if job.now.version != seen.now.version:  # and so its members may have moved too
            self._news.look_at(array.id)
            return None
        return stop_whole(job, array, counts) or follow(job, array, counts, self._clock.now())

    async def _stop(self, array: Array) -> None:
        """Cancel the members that wait; those that run are not tried again when they end."""
        if array.id in self._stopped:
            return
        stop = partial(stop_member, array=array, now_at=self._clock.now())
        for offset in range(0, array.count, AT_ONCE):
            members = await self._store.members(array.id, offset, AT_ONCE)
            await self._ledger.act_on_all(members, stop)
        self._stopped.add(array.id)
