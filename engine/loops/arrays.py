"""Arrays: composite jobs follow their members, and stop them after too many failures."""

from collections.abc import Sequence
from functools import partial

from engine.clock import Clock
from engine.ledger.ledger import Decide, Ledger
from engine.ledger.working_set import WorkingSet
from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL, WAITING, State
from engine.policy.change import Change
from engine.policy.composite import Counts, follow, is_stopped, number, stop_member, stop_whole
from engine.store.protocol import Store
from engine.wake import Wake

AT_ONCE = 500
"""Arrays, or members of one, that are looked at before others get a turn."""

SPEAKING = FINAL | {State.RUNNING, State.RETRYING, State.QUEUED}
"""A member that has come to one of these may be news to its array."""


class MemberNews:
    """Which arrays have members that moved; bounded by the number of arrays."""

    def __init__(self) -> None:
        self.wake = Wake()
        self._arrays: set[JobId] = set()
        self._retrying: list[Job] = []

    def hear(self, jobs: Sequence[Job]) -> None:
        """Take in jobs as a commit left them."""
        for job in jobs:
            if job.spec.array is not None and job.now.state in SPEAKING:
                self.look_at(job.spec.array)
                if job.now.state is State.RETRYING:
                    self._retrying.append(job)

    def look_at(self, array: JobId) -> None:
        """Have the loop look at an array."""
        self._arrays.add(array)
        self.wake.knock()

    def take(self) -> tuple[list[JobId], list[Job]]:
        """Those that moved since this was last asked, and members that will be retried."""
        taken = sorted(self._arrays), self._retrying
        self._arrays, self._retrying = set(), []
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
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._clock = clock
        self._news = news
        self._stopped: set[JobId] = set()
        """Arrays whose waiting members this daemon has canceled."""

    async def run(self) -> None:
        """Look, decide, write, wait. Begins with all arrays: much may have been missed."""
        for live in self._set.arrays.values():
            self._news.look_at(live.id)
        while True:
            await self._news.wake.wait()
            moved, retrying = self._news.take()
            try:
                await self.settle(moved)
                await self._stop_again(retrying)
            except BaseException:
                for array in moved:
                    self._news.look_at(array)
                raise

    async def settle(self, arrays: Sequence[JobId]) -> None:
        """Bring these arrays' composite jobs to where their members are."""
        for begin in range(0, len(arrays), AT_ONCE):
            some = arrays[begin : begin + AT_ONCE]
            counts = await self._store.array_counts(some)
            for job in await self._store.jobs(some):
                await self._settle(job, counts.get(job.id, {}))

    async def _settle(self, job: Job, counts: Counts) -> None:
        array = self._set.arrays.get(job.id) or await self._store.array(job.id)
        if array is None:
            return
        _, job = await self._ledger.act(job, partial(self._follow, array, counts))
        if job.now.state in FINAL:
            self._stopped.discard(job.id)
            return
        self._set.arrays.setdefault(array.id, array)
        if number(counts, FINAL) >= array.count:  # it was taken up again, and can end now
            self._news.look_at(array.id)
        if is_stopped(job, array) and number(counts, WAITING):
            await self._stop(array)
        elif not is_stopped(job, array):
            self._stopped.discard(array.id)

    def _follow(self, array: Array, counts: Counts, job: Job) -> Change | None:
        return stop_whole(job, array, counts) or follow(job, array, counts, self._clock.now())

    async def _stop_again(self, retrying: Sequence[Job]) -> None:
        """What ran when its array was stopped, and failed since, is not tried again."""
        for job in retrying:
            array = self._set.arrays.get(job.spec.array or job.id)
            if array is not None and array.id in self._stopped:
                await self._ledger.act_on_all([job], self._stopper(array))

    def _stopper(self, array: Array) -> Decide:
        return partial(stop_member, array=array, now_at=self._clock.now())

    async def _stop(self, array: Array) -> None:
        """Cancel the members that wait: all at once, and later only those that come back."""
        if array.id in self._stopped:
            return
        for offset in range(0, array.count, AT_ONCE):
            members = await self._store.members(array.id, offset, AT_ONCE)
            await self._ledger.act_on_all(members, self._stopper(array))
        self._stopped.add(array.id)
