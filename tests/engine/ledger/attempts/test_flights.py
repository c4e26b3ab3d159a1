"""Two of the same at once: the second waits for the first, or runs if that comes to nothing."""

import asyncio
from pathlib import Path
from typing import Any

from engine.clock import ManualClock
from engine.control.messages import Cancel, Explain, ListJobs, ListReasons, Targets
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from tests.engine.loops.test_link import a_far_worker, pass_until
from tests.kit.engine import Engine, FakeBackend, an_engine

START = Seq(0)
MEMO: dict[str, Any] = {"argv": ["make"], "memo": "1h", "max_attempts": 1}


async def blocked(engine: Engine, *jobs: JobId, after: Seq = START) -> Event:
    """What was told of the first of these that waits for another's result."""
    async with asyncio.timeout(10):
        async for event in engine.desk.timeline.follow(after, None):
            is_wait = event.type is EventType.JOB_BLOCKED and event.data["gate"] == "reuse"
            if is_wait and event.job in jobs:
                return event
    raise AssertionError("the timeline ended")


async def two(engine: Engine, **fields: Any) -> tuple[JobId, JobId]:
    """The one that runs, and the one that waits for it."""
    jobs = await engine.submit(MEMO | fields, MEMO | fields)
    told = await blocked(engine, *jobs)
    [first] = [job for job in jobs if job != told.job]
    await engine.running(first)
    assert told.job is not None
    assert told.cause == f"waits for #{first}, which computes the same"
    return first, told.job


async def test_the_second_takes_the_result_of_the_first(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine)
        engine.host.end(await engine.running(first))
        now = (await engine.until_state(second, State.SUCCEEDED)).now
        assert (now.attempts, now.note) == (0, f"reused from #{first}")
        assert len(engine.host.orders) == 1
        assert not engine.desk.working_set.flights.waits


async def test_explain_reasons_and_the_list_tell_for_whom_it_waits(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine)
        view: Any = await engine.ask(Explain(id=second))
        gate = next(gate for gate in view.gates if not gate.ok)
        assert gate.text == f"waits for #{first}, which computes the same"
        assert (gate.holders, gate.remedy) == ((first,), f"crabtui wait {first}")
        assert [holder.id for holder in view.holders] == [first]
        reasons: Any = await engine.ask(ListReasons())
        assert [(one.kind, one.text, one.count) for one in reasons.reasons] == [
            ("reuse", gate.text, 1)
        ]
        listed: Any = await engine.ask(ListJobs(where=f"id:{second}"))
        assert [row.note for row in listed.jobs] == [f"result of #{first}"]


async def test_if_the_first_fails_one_of_those_who_wait_runs(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine)
        [third] = await engine.submit(MEMO)
        await blocked(engine, third)
        engine.host.end(await engine.running(first), 1)
        await engine.until_state(first, State.FAILED)
        await engine.running(second)
        assert len(engine.host.orders) == 2
        engine.host.end(await engine.running(second))
        now = (await engine.until_state(third, State.SUCCEEDED)).now
        assert (now.attempts, now.note) == (0, f"reused from #{second}")


async def test_if_the_first_is_canceled_the_second_runs(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine)
        await engine.ask(Cancel(targets=Targets(ids=(first,))))
        await engine.running(second)


async def test_if_the_first_waits_to_be_tried_again_the_second_runs(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine, max_attempts=2, retry={"base": "1h", "max": "1h"})
        engine.host.end(await engine.running(first), 1)
        await engine.until_state(first, State.RETRYING)
        await engine.running(second)


async def test_nobody_waits_for_one_that_is_out_of_sight(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        first, second = await two(engine, worker="far")
        assert engine.desk.working_set.flights.waits == {second: first}
        far.cut()
        await pass_until(engine, clock, lambda: not engine.desk.working_set.flights.waits)
        job = await engine.job(first)
        assert (job.now.state, job.now.unreachable_at is None) == (State.RUNNING, False)


async def test_who_waits_is_in_nobodys_way(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await two(engine)
        [other] = await engine.submit(MEMO | {"argv": ["test"]})
        await engine.running(other)


async def test_who_waits_can_be_canceled(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await two(engine)
        await engine.ask(Cancel(targets=Targets(ids=(second,))))
        await engine.until_state(second, State.CANCELED)
        assert not engine.desk.working_set.flights.waits
        engine.host.end(await engine.running(first))
        await engine.until_state(first, State.SUCCEEDED)


async def test_it_waits_after_a_restart_too(tmp_path: Path) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        first, second = await two(engine)
        head = engine.desk.timeline.head
    async with an_engine(tmp_path, host) as engine:
        await blocked(engine, second, after=head)
        assert len(host.orders) == 1
        host.end(await engine.running(first))
        assert (await engine.until_state(second, State.SUCCEEDED)).now.attempts == 0


async def test_many_of_the_same_run_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        jobs = await engine.submit(*[MEMO] * 20)
        facts: Any = (await blocked(engine, *jobs)).data["facts"]
        first = JobId(facts["ahead"])
        engine.host.end(await engine.running(first))
        for job in jobs:
            await engine.until_state(job, State.SUCCEEDED)
        assert len(engine.host.orders) == 1


async def test_the_lock_of_a_goal_and_a_result_never_wait_for_each_other(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        fields = MEMO | {
            "goal": "release",
            "max_attempts": 2,
            "retry": {"base": "1ms", "max": "1ms"},
        }
        first, second = await engine.submit(fields, fields)
        engine.host.end(await engine.running(first), 1)
        await engine.until(EventType.JOB_RETRY, job=first)  # it keeps the lock
        engine.host.end(await engine.running(first))
        await engine.until_state(second, State.SUCCEEDED)
