"""Leases: renewed by evidence; silence is shown and frees nothing."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import Unreachable
from engine.model.events import EventType
from engine.model.ids import AttemptId, Epoch
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.hosts import keep_up, pass_seconds

TRUE: dict[str, Any] = {"argv": ["true"]}


class Flaky(FakeBackend):
    """A host that can be cut off."""

    is_cut_off = False

    async def renew(self, attempts: Any, epoch: Epoch) -> list[AttemptId]:
        if self.is_cut_off:
            raise Unreachable("no route")
        return await super().renew(attempts, epoch)


async def pass_until(engine: Engine, clock: ManualClock, type_: EventType, job: Any) -> None:
    async with asyncio.timeout(60):
        while type_.value not in await engine.story(job):
            await pass_seconds(engine, clock, 1)


async def until_renewed(engine: Engine, clock: ManualClock, at: int) -> None:
    """Who went to sleep only after the time had passed is woken by some more of it."""
    async with asyncio.timeout(60):
        for look in itertools.count(1):
            if (await engine.desk.store.leases())[0].renewed_at >= at:
                return
            clock.advance(1 if look % 300 == 0 else 0)


async def test_evidence_renews_for_as_long_as_it_comes(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)
        for _ in range(20):
            await keep_up(engine)
            clock.advance(5)
            await until_renewed(engine, clock, clock.now())
        assert "attempt.unreachable" not in await engine.story(job)


async def test_a_silent_host_is_marked_with_a_clock_and_comes_back(tmp_path: Path) -> None:
    clock, host = ManualClock(), Flaky(cpus=1)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job, behind] = await engine.submit({**TRUE, "max_attempts": 3}, TRUE)
        attempt = await engine.running(job)
        host.is_cut_off = True
        await pass_until(engine, clock, EventType.ATTEMPT_UNREACHABLE, job)
        await pass_seconds(engine, clock, 600)
        silent = await engine.job(job)
        assert silent.now.state is State.RUNNING
        assert silent.now.unreachable_at is not None
        assert silent.now.unreachable_at < clock.now() - 500_000_000
        assert (await engine.story(job)).count("attempt.unreachable") == 1
        assert (await engine.job(behind)).now.state is State.QUEUED
        assert engine.desk.working_set.usage.held == 1
        host.is_cut_off = False
        await pass_until(engine, clock, EventType.ATTEMPT_ADOPTED, job)
        assert (await engine.job(job)).now.unreachable_at is None
        await pass_seconds(engine, clock, 60)
        assert (await engine.story(job)).count("attempt.unreachable") == 1
        host.end(attempt, 0)
        done = await engine.until_state(job, State.SUCCEEDED)
        assert done.now.attempts == 1
        assert await engine.running(behind)


async def test_an_attempt_that_ended_unheard_is_found_by_asking(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        host.end(attempt, 7)
        host._ended = asyncio.Queue()  # the news is lost
        host.silent.add(attempt)
        await pass_until(engine, clock, EventType.JOB_FAILED, job)
        assert (await engine.job(job)).now.exit_code == 7


async def test_a_host_that_lets_a_paused_job_go_on_is_believed(tmp_path: Path) -> None:
    """As at its soft timeout, when it is to hear the signal."""
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        still, waking = await engine.submit(TRUE, TRUE)
        await engine.running(still)
        attempt = await engine.running(waking)
        await engine.ask(ask.Pause(targets=ask.Targets(ids=(still, waking))))
        await pass_seconds(engine, clock, 30)
        assert "attempt.resumed" not in await engine.story(waking)
        host.stand(attempt, paused=False)
        await pass_until(engine, clock, EventType.ATTEMPT_RESUMED, waking)
        assert (await engine.job(waking)).now.paused_at is None
        await pass_seconds(engine, clock, 30)
        assert (await engine.story(waking)).count("attempt.resumed") == 1
        assert "attempt.resumed" not in await engine.story(still)
        assert (await engine.job(still)).now.paused_at is not None


async def test_a_pause_whose_answer_was_lost_is_on_record_when_its_host_is_back(
    tmp_path: Path,
) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        host.cut()
        host.stand(attempt, paused=True)
        done: Any = await engine.ask(ask.Pause(targets=ask.Targets(ids=(job,))))
        assert not done.results[0].ok
        host.mend()
        await pass_until(engine, clock, EventType.ATTEMPT_PAUSED, job)
        assert (await engine.job(job)).now.paused_by == "its host"
        await engine.ask(ask.Resume(targets=ask.Targets(ids=(job,))))
        await pass_seconds(engine, clock, 30)
        assert (await engine.story(job))[-2:] == ["attempt.paused", "attempt.resumed"]
