"""Promote: what time and other jobs do to jobs that wait."""

from functools import partial

from engine.clock import Clock
from engine.ledger.deciding import Refusal
from engine.ledger.ledger import Ledger
from engine.model.awaited import Awaited
from engine.model.job import Job
from engine.policy.jobs.change import Change
from engine.policy.jobs.promotion import depend, due
from engine.store.protocol import Store
from engine.wake import Wake

AT_ONCE = 500
"""Jobs that are looked at before the loop looks around again."""

SHORTEST_S = 0.05
"""Look again no sooner than this, unless something changed or somebody knocks."""

_NOTHING = Awaited()

LONGEST_S = 60.0
"""Look again after this long even if nothing is due: the wall clock may have been set."""


class Promote:
    """Wakes, expires, skips and finishes cancels, at the instant that they are due."""

    def __init__(self, *, store: Store, ledger: Ledger, clock: Clock, wake: Wake) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._wake = wake

    async def run(self) -> None:
        """Look, decide, write, wait."""
        while True:
            there_is_more = [await self._act_on_time(), await self._act_on_dependencies()]
            if not any(there_is_more):
                await self._wait()

    async def _act_on_time(self) -> bool:
        """Whether to look again at once: something was done, and not all was seen."""
        now_at = self._clock.now()
        jobs = await self._store.due(now_at, AT_ONCE)
        done = await self._ledger.act_on_all(jobs, partial(due, now_at=now_at))
        return len(jobs) == AT_ONCE and any(_has_changed(one) for one in done)

    async def _act_on_dependencies(self) -> bool:
        """As `_act_on_time`. A job for which nothing is to be done hides no other."""
        jobs = await self._store.settled_dependencies(AT_ONCE)
        if not jobs:
            return False
        awaited = await self._store.awaited([job.id for job in jobs])
        now_at = self._clock.now()

        def decide(job: Job) -> Change | None:
            return depend(job, awaited.get(job.id, _NOTHING), now_at)

        done = await self._ledger.act_on_all(jobs, decide)
        pairs = zip(jobs, done, strict=True)
        idle = [job.id for job, one in pairs if not _has_changed(one)]
        if idle:
            await self._store.heard_news(idle)
        return len(jobs) == AT_ONCE

    async def _wait(self) -> None:
        next_at = await self._store.next_due_at()
        wait_s = LONGEST_S
        if next_at is not None:
            wait_s = min((next_at - self._clock.now()) / 1_000_000, LONGEST_S)
        await self._wake.wait_at_most(self._clock, max(wait_s, SHORTEST_S))


def _has_changed(done: tuple[Job, Job] | Refusal) -> bool:
    return not isinstance(done, Refusal) and done[0] is not done[1]
