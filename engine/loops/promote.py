"""Promote: what time and other jobs do to jobs that wait."""

from functools import partial

from engine.clock import Clock
from engine.ledger.ledger import Ledger
from engine.policy.promotion import depend, due
from engine.store.protocol import Store
from engine.wake import Wake

AT_ONCE = 500
"""Jobs that are looked at before the loop looks around again."""

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
            looked_at = [await self._act_on_time(), await self._act_on_dependencies()]
            if max(looked_at) < AT_ONCE:
                await self._wait()

    async def _act_on_time(self) -> int:
        now_at = self._clock.now()
        jobs = await self._store.due(now_at, AT_ONCE)
        await self._ledger.act_on_all(jobs, partial(due, now_at=now_at))
        return len(jobs)

    async def _act_on_dependencies(self) -> int:
        jobs = await self._store.settled_dependencies(AT_ONCE)
        for job in jobs:
            on = await self._store.dependencies(job.id)
            await self._ledger.act(
                job, partial(depend, dependencies=on, now_at=self._clock.now())
            )
        return len(jobs)

    async def _wait(self) -> None:
        next_at = await self._store.next_due_at()
        wait_s = LONGEST_S
        if next_at is not None:
            wait_s = min((next_at - self._clock.now()) / 1_000_000, LONGEST_S)
        await self._wake.wait_at_most(self._clock, wait_s)
