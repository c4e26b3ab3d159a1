"""What wants attention in a real engine, and what acknowledging it does."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.control import messages as ask
from engine.errors import NotAllowed, NotFound
from engine.model.attention import Matter, Rank
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.resources import Resources
from engine.model.states import State
from engine.model.worker import Worker
from engine.store.protocol import Draft
from tests.kit.engine import Engine, an_engine

FAILS: dict[str, Any] = {"argv": ["false"], "name": "train", "max_attempts": 1}
HOUR_US = 3_600_000_000


async def matters(engine: Engine) -> dict[str, Matter]:
    """All of them by key, looked at anew."""
    minding = engine.desk.minding
    minding.looked_s = None
    answer: Any = await engine.ask(ask.ListMatters())
    assert answer.open == sum(not one.acknowledged_by for one in answer.matters)
    return {one.key: one for one in answer.matters}


class Later(SystemClock):
    """A clock that can be put forward."""

    ahead_us = 0

    def now(self) -> int:
        return super().now() + self.ahead_us


async def failing(engine: Engine, times: int) -> None:
    jobs = await engine.submit(*[FAILS] * times)
    for job in jobs:
        engine.host.end(await engine.running(job), 3)
    for job in jobs:
        await engine.until_state(job, State.FAILED)


async def too_big(engine: Engine) -> JobId:
    """A job that waits, and that no worker could hold since its worker became smaller."""
    [job] = await engine.submit({"argv": ["true"], "resources": {"cpu": 4}, "hold": True})

    def shrink(worker: Worker) -> Worker:
        return replace(worker, capacity=Resources(cpu_milli=1000))

    event = Draft(type=EventType.WORKER_CHANGED, worker="local")
    await engine.desk.ledger.change_worker("local", shrink, event)
    await engine.ask(ask.Release(targets=ask.Targets(ids=(job,))))
    await engine.until(EventType.JOB_BLOCKED, job=job)
    return job


async def test_of_a_quiet_engine_there_is_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        answer: Any = await engine.ask(ask.ListMatters())
        assert answer.matters == ()
        assert answer.clear_since_at is None
        vitals = answer.vitals
        assert (vitals.workers, vitals.workers_up, vitals.slots_taken) == (1, 1, 0)
        assert vitals.slots > 0


async def test_three_failures_alike_are_told_with_where_to_look(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await failing(engine, 2)
        assert await matters(engine) == {}
        await failing(engine, 1)
        [one] = (await matters(engine)).values()
        job = await engine.job((await engine.desk.store.matching(_all(), 0, 1))[0])
        assert job.now.trouble is not None
        assert (one.rank, one.subject, one.affected) == (Rank.REPEATED, "train", 3)
        assert one.jump == f"jobs?fp={job.now.trouble.fp}"
        assert "3 failures in 15 min, all alike: exit 3" in one.text
        answer: Any = await engine.ask(ask.ListMatters())
        assert answer.vitals.failed_1h == 3


def _all() -> Any:
    from engine.model.filter import parse

    return parse("")


async def test_what_was_met_before_a_restart_counts_on(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await failing(engine, 2)
    async with an_engine(tmp_path) as engine:
        await failing(engine, 1)
        await engine.desk.past_hour.recall(engine.desk.store)
        assert [one.kind for one in (await matters(engine)).values()] == ["failures"]


async def test_jobs_that_no_worker_could_hold_are_told(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await too_big(engine)
        one = (await matters(engine))["unsatisfiable:default"]
        assert (one.rank, one.affected) == (Rank.UNSATISFIABLE, 1)
        assert one.jump == "stuck?queue=default"
        assert "asks 4 cpu" in one.text


async def test_a_pause_is_told_after_ten_minutes_with_waiters(tmp_path: Path) -> None:
    clock = Later()
    async with an_engine(tmp_path, clock=clock) as engine:
        await engine.ask(ask.SetQueue(name="gpu", pause=True, why="schema change"))
        assert await matters(engine) == {}
        clock.ahead_us = HOUR_US
        assert await matters(engine) == {}
        await engine.submit({"argv": ["true"], "queue": "gpu"})
        one = (await matters(engine))["queue:gpu"]
        assert (one.rank, one.affected, one.jump) == (Rank.STANDING, 1, "queues/gpu")
        assert one.text == "paused by ana (schema change); 1 job waiting"


async def test_a_hold_is_told_after_ten_minutes(tmp_path: Path) -> None:
    clock = Later()
    async with an_engine(tmp_path, clock=clock) as engine:
        await engine.submit({"argv": ["true"], "hold": True})
        assert await matters(engine) == {}
        clock.ahead_us = HOUR_US
        one = (await matters(engine))["held:default"]
        assert (one.rank, one.affected) == (Rank.STANDING, 1)
        assert one.text == "1 job on hold by ana"
        assert one.jump == "jobs?held=yes&queue=default"


async def test_trouble_of_the_engine_stands_first(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await failing(engine, 3)
        engine.desk.trouble = "the disk is full"
        assert next(iter(await matters(engine))) == "engine:trouble"


async def test_what_is_acknowledged_sinks_and_survives_a_restart(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await too_big(engine)
        await matters(engine)
        acted: Any = await engine.ask(ask.Acknowledge(key="unsatisfiable:default"))
        assert acted.results[0].now == "acknowledged by ana for 1 h"
        answer: Any = await engine.ask(ask.ListMatters())
        assert (answer.open, answer.matters[0].acknowledged_by) == (0, "ana")
        assert answer.clear_since_at is not None
        [*_, event] = await engine.desk.store.acts(Seq(2**62), 10)
        assert (event.actor, event.data["verb"]) == ("ana", "acknowledge")
    async with an_engine(tmp_path) as engine:
        assert "unsatisfiable:default" in engine.desk.working_set.acknowledged


async def test_acknowledging_is_undone(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.trouble = "the disk is full"
        for undo, by in ((False, "ana"), (True, "")):
            await engine.ask(ask.Acknowledge(key="engine:trouble", undo=undo))
            assert (await matters(engine))["engine:trouble"].acknowledged_by == by
        acted: Any = await engine.ask(ask.Acknowledge(key="engine:trouble", undo=True))
        assert acted.results[0].was == acted.results[0].now == "not acknowledged"


async def test_what_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.trouble = "the disk is full"
        with pytest.raises(NotFound, match="did you mean 'engine:trouble'"):
            await engine.ask(ask.Acknowledge(key="engine:truble"))
        engine.caller.read_only = True
        with pytest.raises(NotAllowed):
            await engine.ask(ask.Acknowledge(key="engine:trouble"))


async def test_the_order_is_calm_for_five_seconds(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await failing(engine, 3)
        await matters(engine)
        minding = engine.desk.minding
        first, ordered_s = list(minding.order), minding.ordered_s
        engine.desk.trouble = "the disk is full"
        await matters(engine)
        assert minding.order == ["engine:trouble", *first]
        assert minding.ordered_s == ordered_s


async def test_what_wanted_attention_at_a_moment_of_the_past(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await failing(engine, 2)
        before = engine.desk.timeline.head
        await failing(engine, 1)
        then: Any = await engine.ask(ask.ListMatters(as_of=before))
        assert (then.matters, then.vitals.failed_1h) == ((), 2)
        after: Any = await engine.ask(ask.ListMatters(as_of=engine.desk.timeline.head))
        [one] = after.matters
        assert (one.kind, one.subject, one.affected) == ("failures", "train", 3)
        assert after.vitals.workers_up == 1
