"""Workers that fail: breakers open, probe and close, and a bad one is kept from all work."""

from pathlib import Path
from typing import Any

from engine.backends.protocol import HostState
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import StartFailed
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from engine.model.worker import BreakerState, Worker
from tests.kit.engine import Engine, FakeBackend
from tests.kit.hosts import an_engine_with, keep_up, pass_seconds, pass_until, until

TRUE: dict[str, Any] = {"argv": ["true"]}


def worker(engine: Engine, name: str = "far") -> Worker:
    """The worker as the scheduler sees it."""
    return engine.desk.working_set.snapshot(engine.desk.clock.now()).rooms[name].worker


def state(engine: Engine, name: str = "far") -> BreakerState:
    return worker(engine, name).breaker


async def told(engine: Engine, type_: EventType) -> list[Event]:
    """Events of this type, the oldest first."""
    events = await engine.desk.store.events(Seq(0), 10_000)
    return [event for event in events if event.type is type_]


async def trip(engine: Engine, host: FakeBackend) -> None:
    """Five jobs that the host could not start; they are canceled then."""
    host.refuse = StartFailed("the spool is full")
    jobs = await engine.submit(*[TRUE] * 5)
    await until(engine, lambda: engine.desk.working_set.workers["far"].breaker is OPEN)
    for job in jobs:
        [attempt] = await engine.desk.store.attempts(job)
        assert attempt.trouble is not None
        assert attempt.trouble.code == "start_failed"
        assert (await engine.job(job)).now.state is State.QUEUED
    await engine.ask(ask.Cancel(targets=ask.Targets(ids=tuple(jobs))))
    for job in jobs:
        await engine.until_state(job, State.CANCELED)


OPEN = BreakerState.OPEN


async def running(engine: Engine, jobs: list[JobId]) -> list[JobId]:
    found = [await engine.job(job) for job in jobs]
    return [job.id for job in found if job.now.state is State.RUNNING]


async def test_10_three_concurrent_probes_that_succeed_close_the_breaker(
    tmp_path: Path,
) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        await trip(engine, host)
        host.refuse = None
        waiting = await engine.submit(*[TRUE] * 6)
        await keep_up(engine)
        assert await running(engine, waiting) == []
        why: Any = await engine.ask(ask.Explain(id=waiting[0]))
        gate = next(gate for gate in why.gates if not gate.ok)
        assert gate.text.startswith("`far` is kept back: breaker open for ")
        assert "5 failures in a row: the spool is full" in gate.text
        assert gate.remedy == "crabtui workers reset far"
        await pass_seconds(engine, clock, 58)
        assert state(engine) is BreakerState.OPEN
        await pass_until(engine, clock, lambda: state(engine) is BreakerState.HALF_OPEN)
        await until(engine, lambda: len(host.orders) == 3)
        await keep_up(engine)
        probes = await running(engine, waiting)
        assert probes == waiting[:3]
        assert worker(engine).permits == 0
        for job in probes:  # how the jobs themselves end is not the worker's doing
            host.end(await engine.running(job), 1)
        await until(engine, lambda: state(engine) is BreakerState.CLOSED)
        for job in waiting[3:]:
            await engine.running(job)
        turns = [event.data["now"] for event in await told(engine, EventType.WORKER_BREAKER)]
        assert turns == ["open", "half-open", "closed"]


async def test_10_a_dropped_probe_gives_its_permit_back(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        await trip(engine, host)
        host.refuse = None
        jobs = await engine.submit(*[TRUE] * 3)
        await pass_until(engine, clock, lambda: len(host.orders) == 3)
        for job in jobs[:2]:
            host.end(await engine.running(job), None, why="fenced")
        await until(engine, lambda: len(host.orders) == 5)  # both again, with the same permits
        canceled = await engine.running(jobs[2])
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(jobs[2],))))
        host.end(canceled, None, why="fenced")
        [more] = await engine.submit(TRUE)
        await engine.running(more)
        assert state(engine) is BreakerState.HALF_OPEN


async def test_a_probe_that_lives_on_has_succeeded(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        await trip(engine, host)
        host.refuse = None
        await engine.submit(*[TRUE] * 5)
        await pass_until(engine, clock, lambda: state(engine) is BreakerState.HALF_OPEN)
        await pass_until(engine, clock, lambda: state(engine) is BreakerState.CLOSED)
        await until(engine, lambda: len(host.orders) == 5)


async def test_probes_that_fail_open_it_for_another_minute(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        await trip(engine, host)
        await engine.submit(*[TRUE] * 12)
        await pass_until(engine, clock, lambda: host.refusals > 5)
        await until(engine, lambda: state(engine) is BreakerState.OPEN)
        await keep_up(engine)
        number = host.refusals
        assert 7 <= number <= 8
        await pass_seconds(engine, clock, 55)
        assert host.refusals == number
        assert engine.desk.working_set.counters.in_state("failed") == 0


async def test_what_a_full_worker_cannot_start_costs_the_job_nothing(tmp_path: Path) -> None:
    clock, full, good = ManualClock(), FakeBackend(cpus=64), FakeBackend(cpus=2)
    full.refuse = StartFailed("the spool cannot take it: No space left on device")
    async with an_engine_with(tmp_path, clock, far=full, good=good) as engine:
        jobs = await engine.submit(*[TRUE] * 12)  # no retries
        for job in jobs:
            await pass_until(engine, clock, lambda: _runs(engine, job))  # noqa: B023
            good.end(await engine.running(job), 0)
            done = await engine.until_state(job, State.SUCCEEDED, State.FAILED)
            assert (done.now.state, done.now.failures) == (State.SUCCEEDED, 0)
        assert 1 <= full.refusals <= 14


def _runs(engine: Engine, job: JobId) -> bool:
    live = engine.desk.working_set.live.by_job.get(job)
    return live is not None and live.job.now.state is State.RUNNING


async def test_what_no_worker_can_start_waits_and_says_why_and_is_not_tried_all_the_time(
    tmp_path: Path,
) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    host.refuse = StartFailed("the spool cannot take it: No space left on device")
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        [job] = await engine.submit(TRUE)
        await until(engine, lambda: host.refusals == 1)
        await keep_up(engine)
        why: Any = await engine.ask(ask.Explain(id=job))
        assert "a rest of 1s, because it could not start something" in _first_shut(why)
        assert "No space left on device" in _first_shut(why)
        await pass_until(engine, clock, lambda: host.refusals == 2)
        await engine.until_state(job, State.RETRYING)
        why = await engine.ask(ask.Explain(id=job))
        assert _first_shut(why).startswith("it waits to be tried again: `far` could not start")
        await pass_seconds(engine, clock, 300)
        assert host.refusals < 20
        host.refuse = None
        await pass_until(engine, clock, lambda: len(host.orders) == 1)
        host.end(await engine.running(job), 0)
        done = await engine.until_state(job, State.SUCCEEDED, State.FAILED)
        assert (done.now.state, done.now.failures, done.now.losses) == (State.SUCCEEDED, 0, 0)


def _first_shut(why: Any) -> str:
    return str(next(gate.text for gate in why.gates if not gate.ok))


async def test_jobs_that_fail_by_themselves_open_nothing(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    host.ends_at_once = 1
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        for job in await engine.submit(*[TRUE] * 40):
            await engine.until_state(job, State.FAILED)
        assert state(engine) is BreakerState.CLOSED
        assert not worker(engine).quarantined


async def test_an_operator_resets_it_and_a_new_daemon_lets_it_rest(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        await trip(engine, host)
        [waiting] = await engine.submit(TRUE)
    host.refuse = None
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        assert state(engine) is BreakerState.OPEN
        await pass_seconds(engine, clock, 30)
        assert (await engine.job(waiting)).now.state is State.QUEUED
        await engine.ask(ask.ActOnWorker(name="far", act="reset"))
        await engine.running(waiting)
        assert state(engine) is BreakerState.CLOSED
        assert engine.desk.working_set.workers["far"].breaker is BreakerState.CLOSED


async def test_a_worker_that_fails_what_goes_well_elsewhere_is_quarantined(
    tmp_path: Path,
) -> None:
    clock, bad, good = ManualClock(), FakeBackend(cpus=8), FakeBackend(cpus=8)
    bad.ends_at_once, good.ends_at_once = 1, 0
    async with an_engine_with(tmp_path, clock, bad=bad, good=good) as engine:
        known = engine.desk.working_set.workers
        retried = {"max_attempts": 9, "retry_backoff_ms": 1}
        await engine.submit(*[{"argv": ["do", str(n)], **retried} for n in range(60)])
        await pass_until(engine, clock, lambda: known["bad"].quarantined)
        assert "failed here in a row" in known["bad"].quarantined
        assert not known["good"].quarantined
        [event] = await told(engine, EventType.WORKER_QUARANTINED)
        assert event.worker == "bad"
        counters = engine.desk.working_set.counters
        await pass_until(engine, clock, lambda: counters.in_state("succeeded") == 60)
        number = len(bad.orders)
        for job in await engine.submit(*[TRUE] * 10):
            await engine.until_state(job, State.SUCCEEDED)
        assert len(bad.orders) == number
        bad.ends_at_once = 0
        await engine.ask(ask.ActOnWorker(name="bad", act="release"))
        await engine.submit(*[TRUE] * 10)
        await until(engine, lambda: len(bad.orders) > number)


async def test_poison_stops_at_five_and_says_where_it_was(tmp_path: Path) -> None:
    clock, hosts = ManualClock(), {name: FakeBackend(cpus=1) for name in "abc"}
    async with an_engine_with(tmp_path, clock, **hosts) as engine:
        [job] = await engine.submit({**TRUE, "restart": "safe", "max_attempts": 3})
        where = []
        for number in range(5):
            attempt = await engine.running(job)
            at = (await engine.job(job)).now.worker
            assert at is not None
            where.append(at)
            hosts[at].end(attempt, None, state=HostState.REBOOTED)
            gone = engine.desk.working_set.live.by_attempt
            await until(engine, lambda: attempt not in gone)  # noqa: B023
            if number < 4:
                await engine.until_state(job, State.RUNNING)
        done = await engine.until_state(job, State.FAILED)
        assert (done.now.losses, done.now.failures) == (5, 0)
        assert done.now.trouble is not None
        assert (done.now.trouble.category.value, done.now.trouble.code) == ("lost", "poison")
        assert all(f"`{name}`" in done.now.trouble.message for name in set(where))


async def test_what_is_lost_at_one_stroke_counts_once(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=host) as engine:
        known = engine.desk.attempts.trust
        for stroke in range(1, 6):
            assert state(engine) is BreakerState.CLOSED
            jobs = await engine.submit(*[{**TRUE, "restart": "never"}] * 8)
            attempts = [await engine.running(job) for job in jobs]
            for attempt in attempts:
                host.end(attempt, None, state=HostState.REBOOTED)
            for job in jobs:
                await engine.until_state(job, State.FAILED)
            await until(engine, lambda: known.of("far").failures == stroke)  # noqa: B023
            clock.advance(2)
        assert state(engine) is BreakerState.OPEN
