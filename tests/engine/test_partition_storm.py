"""Links that break all the time: whatever is replaced, no job ever runs twice at once."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.backends.protocol import HostState, Order, Report
from engine.clock import ManualClock
from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.rules import Rules
from engine.model.states import State
from tests.kit.engine import FakeBackend
from tests.kit.hosts import an_engine_with, keep_up, pass_seconds, pass_until

SECONDS = 400
JOBS = 6
LEASE_S = 30.0


class LeasedHost(FakeBackend):
    """A host that ends by itself what it was not told to go on with, by a clock of its own."""

    def __init__(self, clock: ManualClock, rate: float, chance: Random) -> None:
        super().__init__(cpus=JOBS)
        self._clock = clock
        self._rate = rate
        self._chance = chance
        self.until_s: dict[AttemptId, float] = {}

    def _now_s(self) -> float:
        return self._clock.monotonic() * self._rate

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        reports = await super().start(orders)
        for order in orders:
            if order.lease_ms is not None:
                self.until_s.setdefault(order.attempt, self._now_s() + order.lease_ms / 1000)
        self._perhaps_break()
        return reports

    def _start(self, order: Order) -> Report | Exception:
        known = self.reports.get(order.attempt)
        return known if known is not None else super()._start(order)

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        found = await super().adopt(attempts)
        for report in found:
            self.reports.setdefault(report.attempt, report)  # what is void stays so
        return found

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._reach()
        living = [attempt for attempt in attempts if attempt in self.running()]
        for attempt in living:
            self.until_s[attempt] = self._now_s() + LEASE_S
        self._perhaps_break()
        return living

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        report = await super().stop(attempt, epoch, grace_ms, signal)
        if attempt in self.running():
            self._gone(attempt, "stop")
        return report

    def _perhaps_break(self) -> None:
        """The host has done it, and nobody hears of that."""
        if self._chance.random() < 0.1:
            self.cut("it broke before the answer was here")
            self._reach()

    def running(self) -> set[AttemptId]:
        """Attempts whose processes live."""
        return {
            attempt
            for attempt, report in self.reports.items()
            if report.state is HostState.RUNNING
        }

    def tick(self) -> None:
        """End whose lease is over; it takes a while to die."""
        for attempt in self.running():
            if self._now_s() >= self.until_s[attempt] + 4:
                self._gone(attempt, "lease")

    def _gone(self, attempt: AttemptId, why: str) -> None:
        self.reports[attempt] = Report(
            attempt=attempt, state=HostState.EXITED, why=why, signal=9
        )


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_breaks_no_job_runs_twice_at_once_and_none_is_lost(
    tmp_path: Path, seed: int
) -> None:
    clock, chance = ManualClock(), Random(seed)
    rates = (0.99, 1.0, 1.01)
    hosts = {f"h{n}": LeasedHost(clock, rate, chance) for n, rate in enumerate(rates)}
    rules = Rules(breaker_failures=1000)
    async with an_engine_with(tmp_path, clock, rules=rules, **hosts) as engine:
        replaced: dict[str, Any] = {"argv": ["true"], "on_partition": "replace"}
        jobs = await engine.submit(*[replaced] * JOBS)
        for _ in range(SECONDS):
            for host in hosts.values():
                if host.is_cut and chance.random() < 0.02:
                    host.mend()
                elif not host.is_cut and chance.random() < 0.01:
                    host.cut()
            await pass_seconds(engine, clock, 1)
            for host in hosts.values():
                host.tick()
            running = Counter(of(one) for host in hosts.values() for one in host.running())
            assert not [job for job, number in running.items() if number > 1]
        for host in hosts.values():
            host._chance = Random(0)
            host._perhaps_break = lambda: None  # type: ignore[method-assign]
            host.mend()
        counters = engine.desk.working_set.counters

        def is_over() -> bool:
            for host in hosts.values():
                for attempt in host.running():
                    host.end(attempt, 0)
            return counters.in_state("succeeded") == JOBS

        await pass_until(engine, clock, is_over)
        await keep_up(engine)
        for job in jobs:
            done = (await engine.job(job)).now
            assert (done.state, done.failures, done.losses) == (State.SUCCEEDED, 0, 0)
        tries = [len(await engine.desk.store.attempts(job)) for job in jobs]
        assert sum(tries) > JOBS, "nothing was ever replaced"


def of(attempt: AttemptId) -> JobId:
    return JobId(int(attempt.split("-")[0]))
