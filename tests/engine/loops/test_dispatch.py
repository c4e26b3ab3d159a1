"""The loop that grants: durable first, in turns, and never twice."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from engine.backends.protocol import Order, Report
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import EngineError, StoreFull, Unreachable
from engine.ledger.memory.lanes import lane_of
from engine.loops.dispatch import AGAIN_S
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.resources import Resources
from engine.model.rules import QueueRules, Rate
from engine.model.snapshot import Passed
from engine.model.states import Phase, State
from engine.model.worker import Worker
from engine.store.protocol import Unit, Written
from engine.store.sqlite.store import SqliteStore
from tests.engine.ledger.memory.test_working_set import comes_to_rest_without_differences
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.stubborn_store import StubbornStore

TRUE: dict[str, Any] = {"argv": ["true"]}


class Witness(FakeBackend):
    """A host that looks, at each start, for what is on disk."""

    def __init__(self, cpus: int = 4) -> None:
        super().__init__(cpus)
        self.database: SqliteStore | None = None
        self.phases: list[Phase] = []
        self.starts: list[str] = []

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        for order in orders:
            self.starts.append(order.attempt)
            if self.database is not None:
                job = JobId(int(order.attempt.split("-")[0]))
                found = await self.database.attempts(job)
                self.phases += [one.phase for one in found if one.id == order.attempt]
        return await super().start(orders)


def store_of(engine: Engine) -> StubbornStore:
    store = engine.desk.store
    assert isinstance(store, StubbornStore)
    return store


async def turns(number: int = 20) -> None:
    """Let everybody who can go on do so."""
    for _ in range(number):
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(done.set_result, None)
        await done


async def when(true: Any) -> None:
    """Return once a condition holds."""
    async with asyncio.timeout(60):
        while not true():
            await turns(1)


def granted_and_waiting(engine: Engine) -> list[JobId]:
    """Jobs that stand in a lane although they have a grant: they would get another."""
    ours = engine.desk.working_set
    waiting = [job.id for window in ours.lanes.windows.values() for job in window.jobs]
    return [job for job in waiting if job in ours.live.by_job]


async def test_nothing_starts_before_its_intent_is_on_disk(tmp_path: Path) -> None:
    host = Witness()
    async with an_engine(tmp_path, host, store_type=StubbornStore) as engine:
        host.database = store_of(engine)
        jobs = await engine.submit(*[TRUE] * 4)
        for job in jobs:
            await engine.running(job)
        assert host.phases == [Phase.INTENT] * 4
        [queued] = [*await engine.submit({**TRUE, "hold": True})]
        store_of(engine).gate.clear()
        host.end(await engine.running(jobs[0]), 0)
        await when(lambda: engine.desk.working_set.usage.held == 3)
        await turns()
        assert len(host.starts) == 4
        store_of(engine).gate.set()
        assert (await engine.job(queued)).now.state is State.QUEUED


async def test_a_grant_overtaken_by_an_edit_is_granted_again_once(tmp_path: Path) -> None:
    host = Witness()
    async with an_engine(tmp_path, host, store_type=StubbornStore) as engine:
        running = await engine.submit(*[TRUE] * 4)
        attempts = [await engine.running(job) for job in running]
        tenants = "abcd" * 3  # so that the head of another lane is next, not the one given back
        waiting = await engine.submit(*[{**TRUE, "tenant": tenant} for tenant in tenants])
        for head in waiting[:4]:  # nothing else is to be written for now
            await engine.until(EventType.JOB_BLOCKED, job=head)
        gate = store_of(engine).gate
        gate.clear()
        edits = asyncio.ensure_future(
            engine.ask(ask.SetPriority(targets=ask.Targets(ids=tuple(waiting)), to="high"))
        )
        await when(lambda: store_of(engine).moves[-1] == len(waiting))
        for attempt in attempts:
            host.end(attempt, 0)
        await when(lambda: len(engine.desk.working_set.live.by_job) == 8)
        both: list[JobId] = []
        engine.desk.timeline.listen(lambda _: both.extend(granted_and_waiting(engine)))
        gate.set()
        await edits
        for job in waiting:
            attempt = await engine.running(job)
            assert engine.desk.working_set.usage.held <= 4
            host.end(attempt, 0)
            done = await engine.until_state(job, State.SUCCEEDED)
            assert done.now.attempts == 1
        assert max(Counter(host.starts).values()) == 1
        assert both == []
        await comes_to_rest_without_differences(engine)


async def test_a_grant_refused_by_a_full_disk_gives_its_room_back(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=StubbornStore) as engine:
        [job] = await engine.submit({**TRUE, "hold": True})
        store = store_of(engine)
        await engine.ask(ask.Release(targets=ask.Targets(ids=(job,))))
        first = await engine.running(job)
        [second] = await engine.submit({**TRUE, "cpu": 4})
        await engine.until(EventType.JOB_BLOCKED, job=second)
        store.trouble = StoreFull("no space")
        engine.host.end(first, 0)
        await when(lambda: engine.desk.trouble != "")
        await when(lambda: engine.desk.working_set.usage.held == 0)
        assert list(engine.desk.working_set.live.by_attempt) == [first]
        store.trouble = None
        while engine.desk.trouble:
            await when(lambda: clock.sleeping > 0)
            clock.advance(1.0)
            await turns(5)
        assert await engine.running(second)
        assert (await engine.job(job)).now.state is State.SUCCEEDED


class RefusesOneGrant(StubbornStore):
    """The disk is full just when the first grant is written."""

    is_full = True

    async def write(self, units: Sequence[Unit]) -> list[Written | EngineError]:
        if self.is_full and any(unit.new_attempts for unit in units):
            self.is_full = False
            raise StoreFull("no space")
        return await super().write(units)


async def test_a_refused_grant_gives_back_its_token_and_its_wait(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=RefusesOneGrant) as engine:
        ours = engine.desk.working_set
        rate = Rate(tokens=1, per_ms=3_600_000, burst=1)
        queues = {"default": QueueRules(starts=rate)}
        ours.set_rules(with_fields(ours.rules, queues=queues))
        [job] = await engine.submit({**TRUE, "hold": True})
        lane = lane_of(await engine.job(job))
        starving = Passed(job, -77, Priority.NORMAL, is_starving=True, blocked=9)
        ours.carried = replace(ours.carried, passed={lane: starving})
        await engine.ask(ask.Release(targets=ask.Targets(ids=(job,))))
        await when(lambda: engine.desk.trouble != "" and ours.usage.held == 0)
        assert ours.carried.buckets["queue default"].level == 1_000_000
        assert ours.carried.passed[lane] == starving
        while engine.desk.trouble:
            await when(lambda: clock.sleeping > 0)
            clock.advance(1.0)
            await turns(5)
        assert await engine.running(job)
        assert ours.carried.buckets["queue default"].level < 1_000_000


async def test_a_start_without_an_answer_is_repeated_with_the_same_id(tmp_path: Path) -> None:
    clock = ManualClock()
    host = Witness()
    host.refuse = Unreachable("no route")
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        await when(lambda: len(host.starts) == 1)
        for number in (2, 3):
            clock.advance(AGAIN_S)
            await when(lambda number=number: len(host.starts) >= number)
        assert (await engine.job(job)).now.state is State.QUEUED
        host.refuse = None
        clock.advance(AGAIN_S)
        attempt = await engine.running(job)
        assert set(host.starts) == {attempt}


async def test_an_end_that_overtakes_the_answer_to_its_start_is_no_stray(
    tmp_path: Path,
) -> None:
    """Starts are answered together, and the first may have ended before the last began."""

    class Batching(FakeBackend):
        is_answered = False

        async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
            reports = await super().start(orders)
            for order in orders:
                self.end(order.attempt)
                job = JobId(int(order.attempt.split("-")[0]))
                await engine.until_state(job, State.SUCCEEDED)
            self.is_answered = True
            return reports

    async with an_engine(tmp_path, host := Batching()) as engine:
        asked = host.contacts.count("adopt")
        [job] = await engine.submit(TRUE)
        await engine.until_state(job, State.SUCCEEDED)
        while not host.is_answered:
            await asyncio.sleep(0)
        await engine.desk.ledger.writer.post(lambda: None)
        assert host.contacts.count("adopt") == asked


async def test_a_blocked_head_tells_each_kind_of_reason_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, second, third = await engine.submit(TRUE, TRUE, TRUE)
        attempt = await engine.running(first)
        blocked = await engine.until(EventType.JOB_BLOCKED, job=second)
        assert blocked.data["gate"] == "fit"
        await engine.ask(ask.SetQueue(name="default", pause=True))
        async with asyncio.timeout(60):
            async for event in engine.desk.timeline.follow(blocked.seq, second):
                if event.data.get("gate") == "queue-paused":
                    break
        assert (await engine.story(second)).count("job.blocked") == 2
        assert "job.blocked" not in await engine.story(third)
        await engine.ask(ask.SetQueue(name="default", pause=False))
        engine.host.end(attempt, 0)
        assert await engine.running(second)


async def test_a_reason_that_comes_and_goes_is_told_once_and_explained_each_time(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, second = await engine.submit(TRUE, TRUE)
        await engine.running(first)
        await engine.until(EventType.JOB_BLOCKED, job=second)
        [window] = engine.desk.working_set.lanes.windows.values()
        for is_paused in (True, False) * 5:
            await engine.ask(ask.SetQueue(name="default", pause=is_paused))
            kind = GateKind.QUEUE_PAUSED if is_paused else GateKind.FIT
            await when(lambda kind=kind: window.held_by is kind)
            answer: Any = await engine.ask(ask.Explain(id=second))
            assert next(gate.kind for gate in answer.gates if not gate.ok) == kind.value
        assert (await engine.story(second)).count("job.blocked") == 2


async def test_the_four_priorities_share_the_grants_through_the_loop(tmp_path: Path) -> None:
    host = Witness(cpus=1)
    host.ends_at_once = 0
    async with an_engine(tmp_path, host) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        by_priority: dict[JobId, str] = {}
        for word in ("low", "normal", "high", "critical"):
            answer: Any = await engine.ask(ask.Submit(jobs=({**TRUE, "priority": word},) * 110))
            [[first, last]] = answer.ids
            by_priority |= {JobId(id_): word for id_ in range(first, last + 1)}
        await engine.ask(ask.SetQueue(name="default", pause=False))
        await when(lambda: len(host.starts) >= 200)
        order = [by_priority[JobId(int(one.split("-")[0]))] for one in host.starts[:200]]
        assert Counter(order) == {"critical": 100, "high": 60, "normal": 30, "low": 10}
        ids = [int(one.split("-")[0]) for one in host.starts]
        for word in by_priority.values():
            mine = [id_ for id_ in ids if by_priority[JobId(id_)] == word]
            assert mine == sorted(mine)
            break


async def test_an_edit_of_a_job_far_outside_the_window_takes_effect(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [first] = await engine.submit({**TRUE, "priority": "high"})
        attempt = await engine.running(first)
        answer: Any = await engine.ask(ask.Submit(jobs=(TRUE,) * 900))
        [[_, last]] = answer.ids
        assert engine.desk.working_set.lanes.resident < 900
        targets = ask.Targets(ids=(last,))
        await engine.ask(ask.SetPriority(targets=targets, to="critical"))
        engine.host.end(attempt, 0)
        await engine.running(JobId(last))
        assert engine.desk.working_set.usage.held == 1


async def test_many_jobs_that_wait_for_one_lock_keep_nobody_else_waiting(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        answer: Any = await engine.ask(ask.Submit(jobs=({**TRUE, "goal": "x"},) * 360))
        [[first, _]] = answer.ids
        await engine.running(JobId(first))
        [other] = await engine.submit({**TRUE, "cpu": 0.5})
        await engine.running(other)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_who_has_a_lock_is_found_behind_all_that_wait_for_it(
    tmp_path: Path, *, is_restarted: bool
) -> None:
    clock, goal, night = ManualClock(), {**TRUE, "goal": "x"}, partial(ask.SetQueue, "default")
    again = {"max_attempts": 2, "retry_backoff_ms": 1000}
    async with an_engine(tmp_path, clock=clock) as engine:
        await engine.ask(night(pause=True))
        await engine.ask(ask.Submit(jobs=(goal,) * 300))
        [owner] = await engine.submit({**goal, **again, "priority": "high"})
        await engine.ask(night(pause=False))
        engine.host.end(await engine.running(owner), 1)
        await engine.until_state(owner, State.RETRYING)
        await engine.ask(night(pause=True))
        await engine.ask(ask.SetPriority(targets=ask.Targets(ids=(owner,)), to="normal"))
        clock.advance(60.0)
        await engine.until_state(owner, State.QUEUED)
        if not is_restarted:
            await engine.ask(night(pause=False))
            await engine.running(owner)
            return
    async with an_engine(tmp_path, clock=clock) as engine:
        await engine.ask(night(pause=False))
        await engine.running(owner)


async def test_a_queue_never_runs_more_than_its_limit(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="night", limit=2))
        jobs = await engine.submit(*[{**TRUE, "queue": "night"}] * 5, TRUE)
        await engine.running(jobs[-1])
        for number, job in enumerate(jobs[:-1]):
            attempt = await engine.running(job)
            assert engine.desk.working_set.usage.in_queue["night"] <= 2
            if number == 2:
                await engine.ask(ask.SetQueue(name="night", pause=True))
                await engine.ask(ask.SetQueue(name="night", pause=False))
            engine.host.end(attempt, 0)
            await engine.until_state(job, State.SUCCEEDED)


async def test_nothing_is_granted_on_a_worker_that_nothing_drives(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        large = Resources(cpu_milli=64_000)
        gone = Worker(name="gone", capacity=large, slots=64, registered_at=0)
        engine.desk.working_set.workers["gone"] = gone
        [small, huge] = await engine.submit(TRUE, {**TRUE, "cpus": 32})
        await engine.running(small)
        assert (await engine.job(small)).now.worker == "local"
        engine.host.end(await engine.running(small), 0)
        await engine.until_state(small, State.SUCCEEDED)
        [later] = await engine.submit(TRUE)
        await engine.running(later)
        assert (await engine.job(huge)).now.attempt is None


async def test_a_backlog_drains_without_a_poll(tmp_path: Path) -> None:
    host = Witness()
    host.ends_at_once = 0
    clock = ManualClock()  # it never moves: nothing here may wait for time
    async with an_engine(tmp_path, host, clock=clock) as engine:
        await engine.ask(ask.Submit(jobs=(TRUE,) * 1000))
        counters = engine.desk.working_set.counters
        await when(lambda: counters.in_state("succeeded") == 1000)
        assert max(Counter(host.starts).values()) == 1
