"""Faults that systems like this one had, and that this one must not have.

By their numbers: 1, slots and retries; 2, polling; 4, ghosts; 5, heartbeats and what lost
workers held; 6, stale workers; 9, ageing, slices and modes; 11, time as text. That of
breakers, 10, is tested beside them.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.backends.protocol import HostState
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import NotAdmitted, QueueFull, QuotaExceeded
from engine.model.attempt import Attempt, Lease
from engine.model.events import Event, EventType
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Progress
from engine.model.link import LinkState
from engine.model.outcome import Verdict
from engine.model.rules import Ageing, Mode, Pressure, Quota, Rules, TenantRules
from engine.model.states import FINAL, State
from engine.model.worker import Queue, Worker
from engine.policy.jobs.leases import expired
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.hosts import an_engine_with, pass_seconds, pass_until, until

TRUE: dict[str, Any] = {"argv": ["true"]}
CLASSES = ("critical", "high", "normal", "low")
REACHED = ((9, Mode.NORMAL), (10, Mode.MODERATE), (16, Mode.HIGH), (19, Mode.CRITICAL))
"""How many of 20 jobs put a queue into which mode."""


class Heartbeats(FakeBackend):
    """A host that remembers of which attempts it was asked for a sign of life."""

    def __init__(self, cpus: int) -> None:
        super().__init__(cpus=cpus)
        self.renewed: set[AttemptId] = set()

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self.renewed |= set(attempts)
        return await super().renew(attempts, epoch)


async def order_of_grants(engine: Engine) -> list[JobId]:
    events = await engine.desk.store.events(Seq(0), 10_000)
    return [e.job for e in events if e.type is EventType.ATTEMPT_INTENT and e.job is not None]


async def end(engine: Engine, job: JobId, **how: Any) -> None:
    """The job's attempt ends like this, and that is on disk."""
    attempt = await engine.running(job)
    engine.host.end(attempt, **({"code": None} | how))
    await when(lambda: attempt not in engine.desk.working_set.live.by_attempt)


async def test_1_slots_come_back_whatever_the_end(tmp_path: Path) -> None:
    ends: list[dict[str, Any]] = [
        {"code": 0},
        {"code": 1},
        {"code": None, "signal": 9},
        {"code": None, "why": "timeout"},
        {"code": None, "state": HostState.VOID},
        {"code": None, "state": HostState.LOST},
    ]
    async with an_engine(tmp_path, FakeBackend(cpus=2)) as engine:
        for how in ends * 3:  # many times the slots that there are
            [job] = await engine.submit({**TRUE, "restart": "never"})
            await end(engine, job, **how)
            if (await engine.job(job)).now.state not in FINAL:  # it never started: once more
                await end(engine, job, code=0)
        await when(lambda: engine.desk.working_set.usage.held == 0)


async def test_1_a_retry_comes_back_under_the_next_daemon(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=1)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit({**TRUE, "max_attempts": 2, "retry_backoff_ms": 5000})
        host.end(await engine.running(job), 1)
        await engine.until_state(job, State.RETRYING)
    clock.advance(3600)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        host.end(await engine.running(job), 0)
        done = await engine.until_state(job, State.SUCCEEDED)
        assert done.now.attempts == 2


async def test_1_a_job_that_runs_again_is_not_blocked_by_its_old_lease(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [job] = await engine.submit(TRUE)
        first = await engine.running(job)
        engine.host.end(first, None, state=HostState.LOST)
        await engine.until(EventType.JOB_QUEUED, job=job)
        second = await engine.running(job)
        assert second != first
        assert [lease.attempt for lease in await engine.desk.store.leases()] == [second]


async def test_1_what_is_requeued_while_it_runs_is_granted_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [job, *others] = await engine.submit(*[TRUE] * 3)
        await end(engine, job, state=HostState.LOST)
        await end(engine, others[0], code=0)  # the room was free before the loss was on disk
        await end(engine, job, code=0)  # in its old place, before the other
        await engine.running(others[1])
        assert await order_of_grants(engine) == [job, others[0], job, others[1]]


async def test_2_one_wake_starts_all_that_fit_and_time_stands_still(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FakeBackend(cpus=100), clock=clock) as engine:
        began_at, rounds = clock.now(), engine.desk.round_ms.count
        jobs = await engine.submit(*[TRUE] * 100)
        for job in jobs:
            await engine.running(job)
        assert clock.now() == began_at
        assert engine.desk.round_ms.count - rounds < 20


async def test_2_an_idle_engine_looks_at_nothing(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FakeBackend(cpus=1), clock=clock) as engine:
        running, _ = await engine.submit(TRUE, TRUE)
        await engine.running(running)
        await engine.until(EventType.JOB_STARTED, job=running)
        await engine.desk.ledger.writer.post(lambda: None)
        await turns()
        rounds = engine.desk.round_ms.count
        for _ in range(50):
            clock.advance(1)
            await turns(5)
        assert engine.desk.round_ms.count == rounds


async def test_2_no_round_is_made_while_nothing_waits(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1), clock=ManualClock()) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)
        await engine.until(EventType.JOB_STARTED, job=job)
        await turns()
        rounds = engine.desk.round_ms.count
        for _ in range(50):
            engine.parts.dispatch_wake.knock()
            await turns(5)
        assert engine.desk.round_ms.count - rounds <= 1
        [waits] = await engine.submit(TRUE)
        await engine.until(EventType.JOB_BLOCKED, job=waits)
        rounds = engine.desk.round_ms.count
        engine.parts.dispatch_wake.knock()
        await turns(5)
        assert engine.desk.round_ms.count == rounds + 1


async def test_9_a_wait_raises_by_one_level_a_period_however_often_looked(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FakeBackend(cpus=1), clock=clock) as engine:
        engine.desk.working_set.set_rules(Rules(ageing=Ageing.LINEAR, ageing_period_ms=60_000))
        [first] = await engine.submit(TRUE)
        attempt = await engine.running(first)
        [old] = await engine.submit({**TRUE, "priority": "low"})
        clock.advance(61)
        for _ in range(20):
            engine.parts.dispatch_wake.knock()
            await turns()
        engine.host.end(attempt, 0)
        await engine.running(old)
        aged = [word for word in await engine.story(old) if word == "job.aged"]
        assert len(aged) <= 1
        assert (await engine.job(old)).now.priority.label == "low"


async def test_9_slices_do_not_come_in_blocks(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [plug] = await engine.submit(TRUE)
        attempt = await engine.running(plug)
        jobs: dict[JobId, str] = {}
        for name in CLASSES:
            ids = await engine.submit(*[{**TRUE, "priority": name}] * 40)
            jobs |= dict.fromkeys(ids, name)
        engine.host.end(attempt, 0)
        engine.host.ends_at_once = 0
        await when(lambda: sum(engine.desk.working_set.counters.by_state().values()) == 161)
        await when(lambda: engine.desk.working_set.counters.in_state("succeeded") == 161)
        grants = [jobs[job] for job in (await order_of_grants(engine))[1:61]]
        runs = [(name, len(list(run))) for name, run in itertools.groupby(grants)]
        assert max(length for _, length in runs) <= 2
        counts = Counter(grants)
        shares = dict(zip(CLASSES, (30, 18, 9, 3), strict=True))
        assert all(abs(counts[name] - share) <= 1 for name, share in shares.items()), counts


@pytest.mark.parametrize("reduces", [False, True])
async def test_9_every_mode_lets_the_backlog_drain(tmp_path: Path, reduces: bool) -> None:
    """Whatever class it is of: each mode is reached by jobs of one class alone."""
    rules = Rules(pressure=Pressure(max_depth=20, reduce_parallelism=reduces))
    async with an_engine(tmp_path, FakeBackend(cpus=4)) as engine:
        known = engine.desk.working_set
        known.set_rules(rules)
        engine.host.ends_at_once = 0
        number = 0
        for depth, mode in REACHED:
            for name in CLASSES:
                await engine.ask(ask.SetQueue(name="default", pause=True))
                await engine.submit(*[{**TRUE, "priority": name}] * depth)
                assert known.backlog.modes.get("", Mode.NORMAL) is mode
                await engine.ask(ask.SetQueue(name="default", pause=False))
                number += depth
                await when(lambda: known.counters.in_state("succeeded") == number)  # noqa: B023
                assert known.backlog.modes == {}


async def test_4_a_rejected_job_is_nowhere(tmp_path: Path) -> None:
    """Few, many or an array: neither in memory nor on disk, and the place is still free."""
    rules = Rules(
        pressure=Pressure(max_depth=150, at_percent=(97, 98, 99)),
        tenants={"ann": TenantRules(quota=Quota(queued=9))},
    )
    anns: dict[str, Any] = {**TRUE, "tenant": "ann"}  # whose they are is only known at the end
    requests: list[tuple[Any, type[NotAdmitted]]] = [
        (ask.Submit(jobs=(TRUE,) * 111), QueueFull),
        (ask.Submit(jobs=(TRUE,) * 160), QueueFull),
        (ask.SubmitArray(job=TRUE, values=("1-200",)), QueueFull),
        (ask.Submit(jobs=(anns,) * 30), QuotaExceeded),
        (ask.Submit(jobs=(TRUE, anns) * 20), QuotaExceeded),
        (ask.Submit(jobs=(anns,) * 101), QuotaExceeded),
        (ask.SubmitArray(job=anns, values=("1-101",)), QuotaExceeded),
    ]
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(rules)
        await engine.ask(ask.SetQueue(name="default", pause=True))
        await engine.submit(*[TRUE] * 40)
        for request, why in requests:
            with pytest.raises(why):
                await engine.ask(request)
        assert engine.desk.working_set.arrays == {}
        assert engine.desk.working_set.counters.by_state() == {"queued": 40}
        assert engine.desk.working_set.backlog.depths[""] == 40
        assert len(await engine.submit(*[TRUE] * 100)) == 100
    async with an_engine(tmp_path) as engine:
        assert engine.desk.working_set.counters.by_state() == {"queued": 140}
        assert engine.desk.working_set.arrays == {}
        stored = [await engine.desk.store.job(JobId(id_)) for id_ in range(1, 1_100)]
        assert sum(job is not None for job in stored) == 140


async def test_5_no_heartbeat_outlives_its_job_or_delays_its_end(tmp_path: Path) -> None:
    """The end is on disk without a second passing; nobody is asked about it ever after."""
    clock, far = ManualClock(), Heartbeats(cpus=2)
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        done, runs = await engine.submit(TRUE, TRUE)
        over, lives = await engine.running(done), await engine.running(runs)
        await pass_until(engine, clock, lambda: far.renewed >= {over, lives})
        began_s = clock.monotonic()
        far.end(over, 0)
        await engine.until_state(done, State.SUCCEEDED)
        assert clock.monotonic() == began_s
        assert [lease.attempt for lease in await engine.desk.store.leases()] == [lives]
        far.renewed.clear()
        await pass_seconds(engine, clock, 12)
        assert far.renewed == {lives}


async def test_5_what_a_lost_worker_held_is_given_to_others(tmp_path: Path) -> None:
    """All of it: what ran, what was starting, and the leases of both."""
    clock, far, near = ManualClock(), FakeBackend(cpus=3), FakeBackend(cpus=8)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        await engine.ask(ask.SetWorker(name="near", drain=True))
        jobs = await engine.submit(*[TRUE] * 3)
        old = {await engine.running(job) for job in jobs}
        far.cut()
        held = engine.desk.working_set.links
        await pass_until(engine, clock, lambda: held["far"].state is LinkState.LOST)
        await engine.ask(ask.SetWorker(name="near", drain=False))
        await engine.ask(ask.ActOnWorker(name="far", act="declare_dead"))
        await until(engine, lambda: len(near.orders) == 3)
        new = {await engine.running(job) for job in jobs}
        assert new == near.orders.keys()
        assert not new & old
        assert {lease.attempt for lease in await engine.desk.store.leases()} == new
        assert engine.desk.working_set.usage.held == 3


@pytest.mark.parametrize("late", [0, 9])
async def test_6_a_stale_worker_finishes_nothing_that_others_hold(
    tmp_path: Path, late: int
) -> None:
    """Its lease was over, somebody else has the job, and then it reports an end."""
    clock, far, near = ManualClock(), FakeBackend(cpus=1), FakeBackend(cpus=1)
    async with an_engine_with(tmp_path, clock, far=far, near=near) as engine:
        await engine.ask(ask.SetWorker(name="near", drain=True))
        [job] = await engine.submit({**TRUE, "on_partition": "replace"})
        old = await engine.running(job)
        far.cut()
        await engine.ask(ask.SetWorker(name="near", drain=False))
        await pass_until(engine, clock, lambda: near.orders)
        new = await engine.running(job)
        far.end(old, late)
        far.mend()
        await pass_until(engine, clock, lambda: old in far.tidied)
        now = (await engine.job(job)).now
        assert (now.state, now.attempt, now.worker) == (State.RUNNING, new, "near")
        near.end(new, 3)
        failed = await engine.until_state(job, State.FAILED, State.SUCCEEDED)
        assert failed.now.exit_code == 3
        first, second = await engine.desk.store.attempts(job)
        assert (first.id, first.exit_code, first.verdict) == (old, None, Verdict.LOST)
        assert (second.id, second.exit_code) == (new, 3)


async def test_11_an_expired_lease_is_expired(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)
        [lease] = await engine.desk.store.leases()
        ends_at = lease.expires_at
        assert expired([lease], ends_at - 1) == []
        for late_us in (1, 300_000_000, 9_000_000_000_000_000):  # also with one digit more
            assert expired([lease], ends_at + late_us) == [lease]


async def test_11_time_goes_on_where_instants_get_one_digit_more(tmp_path: Path) -> None:
    """As text, what was due before that instant would never be due after it."""
    clock = ManualClock(999_999_999_000_000)
    async with an_engine(tmp_path, clock=clock) as engine:
        late, retried = await engine.submit(
            {**TRUE, "not_before": "500ms"},
            {**TRUE, "max_attempts": 2, "retry_backoff_ms": 500},
        )
        engine.host.end(await engine.running(retried), 1)
        await engine.until_state(retried, State.RETRYING)
        engine.host.ends_at_once = 0
        clock.advance(2)  # over the edge at once

        def have_run() -> bool:
            clock.advance(0.1)
            return engine.desk.working_set.counters.in_state("succeeded") == 2

        await when(have_run)
        assert (await engine.job(late)).now.attempts == 1
        assert (await engine.job(retried)).now.attempts == 2


def test_11_instants_are_whole_numbers_everywhere() -> None:
    for kind in (Progress, Attempt, Lease, Event, Worker, Queue):
        hints = msgspec.inspect.type_info(kind)
        assert isinstance(hints, msgspec.inspect.StructType)
        for field in hints.fields:
            if field.name == "at" or field.name.endswith("_at"):
                parts = getattr(field.type, "types", (field.type,))
                kinds = {type(part).__name__ for part in parts} - {"NoneType"}
                assert kinds == {"IntType"}, f"{kind.__name__}.{field.name}"
