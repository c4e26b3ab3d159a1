"""Faults 8 and 16: what systems like this one did wrong with graphs, and this one must not."""

import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import DependencyCycle, UnknownDependency
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.states import FINAL, State
from tests.kit.engine import FakeBackend, an_engine
from tests.kit.flows import end, ended, find, grow, job, running, settled, start, states

AFTER = {
    "success": State.SUCCEEDED,
    "failure": State.FAILED,
    "end": State.FAILED,
}


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("how", ["submitted", "task", "edge", "fan-out"])
async def test_8_who_comes_after_the_end_does_not_wait_for_it(
    tmp_path: Path, how: str, after: str
) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job(), "c": job(depends_on=["b"])})
        await end(engine, run, "a", int(AFTER[after] is State.FAILED))
        assert (await find(engine, run, "a")).now.state is AFTER[after]
        await running(engine, run, "b")
        edge = {"task": "a", "after": after}
        if how == "submitted":
            outside = f"{run + 1}:{after}"
            [late] = await engine.submit({**job(), "depends_on": [outside]})
        elif how == "task":
            await grow(engine, run, {"late": job(depends_on=[edge])})
            late = (await find(engine, run, "late")).id
        elif how == "edge":
            await grow(engine, run, edges={"c": [edge]})
            await end(engine, run, "b")
            late = (await find(engine, run, "c")).id
        else:
            await grow(engine, run, {"each": job(for_each=[1], depends_on=[edge])})
            each = (await find(engine, run, "each")).id
            await engine.until(EventType.WORKFLOW_GROWN, job=each)
            late = (await find(engine, run, "each/0")).id
        await engine.running(late)


@pytest.mark.parametrize("how", ["failed", "canceled", "skipped", "timeout"])
async def test_8_nobody_runs_after_what_did_not_succeed(tmp_path: Path, how: str) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "z": job(),
                "a": job(depends_on=["z"]),
                "next": job(depends_on=["a"]),
                "each": job(for_each=[1], depends_on=["a"]),
                "sweep": job(array={"values": ["1", "2"]}, depends_on=["a"]),
                "in": {"workflow": {"tasks": {"x": job()}}, "depends_on": ["a"]},
                "last": job(depends_on=["next", "each", "sweep", "in"]),
            },
        )
        await end(engine, run, "z", int(how == "skipped"))
        if how != "skipped":
            attempt = await running(engine, run, "a")
            if how == "canceled":
                a = (await find(engine, run, "a")).id
                await engine.ask(ask.Cancel(targets=ask.Targets(ids=(a,))))
            code = 1 if how == "failed" else None
            why = {"canceled": "stop", "timeout": "timeout"}.get(how, "")
            engine.host.end(attempt, code, signal=None if code else 15, why=why)
        await engine.until_state(run, *FINAL)
        await settled(engine)
        found = await states(engine, run)
        assert found.pop("a") == how
        found.pop("z")
        assert set(found.values()) == {"skipped"}
        assert (await find(engine, run, "in/x")).now.state is State.SKIPPED
        assert len(engine.host.orders) == (1 if how == "skipped" else 2)


async def test_8_an_unknown_dependency_is_no_cycle(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(UnknownDependency, match=r"'biuld'.*did you mean 'build'"):
            await start(engine, {"build": job(), "test": job(depends_on=["biuld"])})
        circle = {"a": job(depends_on=["b"]), "b": job(depends_on=["a"])}
        with pytest.raises(DependencyCycle, match=r"a → b → a") as raised:
            await start(engine, circle)
        assert raised.value.details["cycle"] == ["a", "b", "a"]
        with pytest.raises(UnknownDependency):  # both wrong: what is not there is told first
            await start(engine, {**circle, "c": job(depends_on=["d"])})


async def test_16_what_is_planned_is_what_runs(tmp_path: Path) -> None:
    """The levels of the plan are those of the run; nothing waits for more than its edges."""
    tasks = {
        "long": job(),
        "a": job(),
        "b": job(depends_on=["a"]),
        "c": job(depends_on=["b"]),
        "last": job(depends_on=["c", "long"]),
    }
    async with an_engine(tmp_path) as engine:
        plan: Any = await engine.ask(ask.PlanWorkflow(definition={"name": "f", "tasks": tasks}))
        run = await start(engine, tasks)
        assert plan.levels == (("long", "a"), ("b",), ("c",), ("last",))
        await running(engine, run, "long")
        for name in ("a", "b", "c"):  # no barrier: a level does not wait for the one before
            await end(engine, run, name)
        assert (await find(engine, run, "long")).now.state is State.RUNNING
        await end(engine, run, "long")
        await end(engine, run, "last")
        assert await ended(engine, run) is State.SUCCEEDED
        stored = await engine.desk.store.tasks(run, JobId(0), 99)
        names = {one.id: one.spec.task for one in stored}
        edges = {
            one.spec.task: tuple(names[edge.on] for edge in one.spec.constraints.edges)
            for one in stored
        }
        assert {name: on for name, on in edges.items() if on} == plan.dependencies
        grants = await engine.desk.store.events(Seq(0), 1_000)
        order = [names[e.job] for e in grants if e.type is EventType.ATTEMPT_INTENT and e.job]
        assert order == ["long", "a", "b", "c", "last"]


@pytest.mark.parametrize("count", [40, 400])
async def test_16_an_event_is_as_large_in_a_large_run(tmp_path: Path, count: int) -> None:
    """No event carries the whole: neither in bytes nor in how many there are of each."""
    host = FakeBackend()
    host.ends_at_once = 0
    async with an_engine(tmp_path, host) as engine:
        run = await start(engine, {f"t{n}": job() for n in range(count)})
        await ended(engine, run)
        events = await engine.desk.store.events(Seq(0), 20_000)
        about = [event for event in events if event.job is not None]
        assert max(len(repr(event)) for event in about) < 3_000
        of_run = Counter(event.type for event in events if event.job == run)
        assert sum(of_run.values()) <= 6
        starts = Counter(event.job for event in about if event.type is EventType.JOB_STARTED)
        assert starts.most_common(1)[0][1] == 1


async def test_16_following_a_run_keeps_nothing_of_its_tasks(tmp_path: Path) -> None:
    """What the loop remembers is bounded by the number of runs, not by that of their tasks."""
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {f"t{n}": job() for n in range(200)})
        await settled(engine)
        tracemalloc.start()
        try:
            flows = engine.desk.flows
            await flows.settle([run])
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(50):
                await flows.settle([run])
            assert tracemalloc.get_traced_memory()[0] - before < 500_000
        finally:
            tracemalloc.stop()
        assert len(flows._news._flows) <= 1
