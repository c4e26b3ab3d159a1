"""The life of attempts, with a real store and a host that the test plays."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.backends.protocol import HostState, Order, Report
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import EngineError, InvalidSpec, StartFailed, UnusableState
from engine.model.events import EventType
from engine.model.outcome import Verdict
from engine.model.states import Phase, State
from tests.kit.engine import FakeBackend, an_engine

TRUE = {"argv": ["true"]}


async def test_a_job_runs_and_its_story_is_whole(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        engine.host.end(await engine.running(job), 0)
        done = await engine.until_state(job, State.SUCCEEDED)
        assert await engine.story(job) == [
            "job.submitted",
            "attempt.intent",
            "job.started",
            "job.completed",
        ]
        [attempt] = await engine.desk.store.attempts(job)
        assert attempt.id == f"{job}-1-{engine.desk.working_set.epoch}"
        assert (attempt.phase, attempt.verdict) == (Phase.ENDED, Verdict.SUCCEEDED)
        assert attempt.pid == 1001
        assert done.now.attempt is None
        assert await engine.desk.store.leases() == []


async def test_an_end_before_the_start_is_on_disk_tells_both(tmp_path: Path) -> None:
    host = FakeBackend()
    host.ends_at_once = 3
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(TRUE)
        failed = await engine.until_state(job, State.FAILED)
        assert failed.now.exit_code == 3
        assert failed.now.attempts == 1
        assert (await engine.story(job))[-2:] == ["job.started", "job.failed"]


async def test_room_is_given_back_once_on_every_outcome(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=2)) as engine:
        jobs = await engine.submit(*[TRUE] * 7)
        for number, job in enumerate(jobs):
            attempt = await engine.running(job)
            assert engine.desk.working_set.usage.held <= 2
            engine.host.end(attempt, number % 3)
            engine.host.end(attempt, 0)  # said twice
            await engine.until_state(job, State.SUCCEEDED, State.FAILED)
        room = engine.desk.working_set.usage.room(engine.desk.working_set.workers["local"])
        assert room.slots_taken == 0
        assert not any(room.taken.values())


async def test_what_can_never_be_started_fails_with_its_hosts_words(tmp_path: Path) -> None:
    host = FakeBackend()
    host.refuse = InvalidSpec("the spec is no spec")
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(TRUE)
        failed = await engine.until_state(job, State.FAILED)
        assert failed.now.trouble is not None
        assert "the spec is no spec" in failed.now.trouble.message
        assert engine.desk.working_set.usage.held == 0


@pytest.mark.parametrize("error", [StartFailed, UnusableState])
async def test_what_its_worker_lacks_is_no_failure_of_a_job(
    tmp_path: Path, error: type[EngineError]
) -> None:
    host = FakeBackend()
    host.refuse = error("the spool is full")
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(TRUE)
        event = await engine.until(EventType.JOB_QUEUED, EventType.JOB_FAILED, job=job)
        assert event.type is EventType.JOB_QUEUED
        assert "`local` could not start it, which counts for nothing" in event.cause
        assert engine.desk.working_set.usage.held == 0
        host.refuse = None
        host.end(await engine.running(job), 0)
        done = await engine.until_state(job, State.SUCCEEDED, State.FAILED)
        assert (done.now.failures, done.now.losses, done.now.exit_code) == (0, 0, 0)


async def test_a_lost_attempt_runs_again_without_counting_as_a_failure(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        first = await engine.running(job)
        engine.host.end(first, None, state=HostState.LOST)
        await engine.until(EventType.JOB_QUEUED, job=job)
        second = await engine.running(job)
        assert second != first
        engine.host.end(second, 0)
        done = await engine.until_state(job, State.SUCCEEDED)
        assert (done.now.failures, done.now.losses, done.now.attempts) == (0, 1, 2)


async def test_a_late_report_of_an_old_attempt_changes_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        first = await engine.running(job)
        engine.host.end(first, None, state=HostState.LOST)
        await engine.until(EventType.JOB_QUEUED, job=job)
        second = await engine.running(job)
        engine.host.end(first, 9)
        engine.host.end(second, 0)
        done = await engine.until_state(job, State.SUCCEEDED, State.FAILED)
        assert done.now.exit_code == 0


async def test_a_new_daemon_adopts_and_learns_what_ended_meanwhile(tmp_path: Path) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        lives, ended = await engine.submit(TRUE, TRUE)
        attempt, over = await engine.running(lives), await engine.running(ended)
    host.end(over, 5)
    async with an_engine(tmp_path, host) as engine:
        failed = await engine.until_state(ended, State.FAILED)
        assert failed.now.exit_code == 5
        await engine.until(EventType.ATTEMPT_ADOPTED, job=lives)
        host.end(attempt, 0)
        done = await engine.until_state(lives, State.SUCCEEDED)
        assert done.now.attempts == 1
        [kept] = await engine.desk.store.attempts(lives)
        assert kept.epoch == engine.desk.working_set.epoch == 2


async def test_an_intent_that_never_reached_its_host_is_void_and_runs_again(
    tmp_path: Path,
) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
    host.reports.clear()  # as if the daemon had died before it told the host
    async with an_engine(tmp_path, host) as engine:
        await engine.until(EventType.JOB_QUEUED, job=job)
        assert await engine.running(job) != attempt


async def test_a_cancel_wins_over_an_exit_with_zero(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**TRUE, "max_attempts": 3})
        attempt = await engine.running(job)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(job,)), why="enough"))
        assert engine.host.stops == [(attempt, 5000, "TERM")]
        engine.host.end(attempt, 0, why="stop")
        canceled = await engine.until_state(job, State.CANCELED, State.SUCCEEDED)
        assert canceled.now.state is State.CANCELED
        assert canceled.now.cancel_by == "ana"
        [kept] = await engine.desk.store.attempts(job)
        assert kept.exit_code == 0


async def test_a_stop_that_was_promised_is_repeated_after_a_restart(tmp_path: Path) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(job,))))
    host.stops.clear()
    async with an_engine(tmp_path, host):
        assert [stopped for stopped, _, _ in host.stops] == [attempt]


async def test_the_first_end_that_is_heard_is_the_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        await engine.until(EventType.JOB_STARTED, job=job)
        heard = engine.desk.attempts.heard
        heard(Report(attempt=attempt, state=HostState.EXITED, code=0))
        heard(Report(attempt=attempt, state=HostState.LOST))
        heard(Report(attempt=attempt, state=HostState.RUNNING, pid=1))
        await engine.until_state(job, State.SUCCEEDED)
        assert engine.desk.working_set.live.by_job == {}


async def test_an_end_that_was_heard_of_late_has_its_own_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job, early] = await engine.submit(TRUE, TRUE)
        began_at = clock.now()
        attempts = [await engine.running(job), await engine.running(early)]
        clock.advance(60)
        engine.host.end(attempts[0], 0, ended_ms=45_000)
        engine.host.end(attempts[1], 0, ended_ms=3_600_000)  # a clock that is wrong
        for one, seconds in ((job, 15), (early, 0)):
            done = await engine.until_state(one, State.SUCCEEDED)
            assert done.now.ended_at == began_at + seconds * 1_000_000
            [attempt] = await engine.desk.store.attempts(one)
            assert (attempt.started_at, attempt.ended_at) == (began_at, done.now.ended_at)


async def test_an_end_heard_of_before_the_start_leaves_no_job_that_ended_before_it_began(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    began_at = clock.now()
    async with an_engine(tmp_path, LateHost(clock), clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        done = await engine.until_state(job, State.SUCCEEDED)
        assert done.now.started_at == began_at + 10 * 1_000_000
        assert done.now.ended_at == began_at + 15 * 1_000_000


class LateHost(FakeBackend):
    """Tells of a start a minute after it was asked, when all is long over."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.ends_at_once = 0
        self._clock = clock

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        self._clock.advance(60)
        told = await super().start(orders)
        return [
            replace(one, began_ms=50_000, ended_ms=45_000) if isinstance(one, Report) else one
            for one in told
        ]
