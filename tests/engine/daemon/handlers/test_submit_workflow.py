"""Workflows come in: all of a run or nothing of it, once, with the number that is its own."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import (
    DependencyCycle,
    DuplicateTask,
    EngineError,
    InvalidSpec,
    KeyTaken,
    NotAdmitted,
    UnknownDependency,
)
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.rules import Pressure, Quota, Rules, TenantRules
from engine.model.states import State
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import end, ended, find, job, running, settled, start, states

MANY = {f"t{n}": job() for n in range(120)}


async def must_be_empty(engine: Engine, jobs: int = 0) -> None:
    """No job, no run, nothing in memory, but the refusal among the events."""
    store = engine.desk.store
    found = [await store.job(JobId(id_)) for id_ in range(1, 800)]
    assert sum(one is not None for one in found) == jobs
    assert await store.runs(name=None, below=JobId(2**40), limit=9) == []
    assert await store.live_flows() == []
    assert sum(engine.desk.working_set.counters.by_state().values()) == jobs
    assert engine.desk.working_set.arrays == {}
    types = [event.type for event in await store.events(Seq(0), 1_000)]
    assert EventType.WORKFLOW_CREATED not in types
    assert await store.check() == []


@pytest.mark.parametrize("more", [{}, MANY], ids=["few", "many"])
@pytest.mark.parametrize(
    ("tasks", "error", "field"),
    [
        ({"a": job(depends_on=["b"])}, UnknownDependency, "tasks.a.depends_on"),
        (
            {"a": job(depends_on=["b"]), "b": job(depends_on=["a"])},
            DependencyCycle,
            "tasks.a.depends_on",
        ),
        ({"a": job(depends_on=["#4711"])}, InvalidSpec, "tasks.a.depends_on"),
        ({"a": job(cpus=4000)}, InvalidSpec, "tasks.a"),
        ({"a": job(array={"values": []})}, InvalidSpec, "tasks.a"),
        ({"a": job(colour="red")}, InvalidSpec, "tasks.a.colour"),
        ({"a": job(), "in": {"workflow": {"tasks": {"x": job(cpus=4000)}}}}, InvalidSpec, "in"),
        ({"a": job(tenant="poor", cpus=2)}, InvalidSpec, "tasks.a"),
        ({"a": job(array={"values": ["1"]}, cpus=4000)}, InvalidSpec, "tasks.a"),
        ({"a": job(array={"values": ["1"]}, worker="mars")}, InvalidSpec, "tasks.a"),
        ({"a": job(for_each=[1], tenant="poor", cpus=2)}, InvalidSpec, "tasks.a"),
        ({"a": job(deadline="2001-01-01")}, InvalidSpec, "tasks.a"),
    ],
)
async def test_what_is_wrong_leaves_nothing(
    tmp_path: Path,
    more: dict[str, Any],
    tasks: dict[str, Any],
    error: type[EngineError],
    field: str,
) -> None:
    rules = Rules(tenants={"poor": TenantRules(quota=Quota(cpu_milli=1_000))})
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(rules)
        with pytest.raises(error) as raised:
            await start(engine, {**more, **tasks})
        assert field in (raised.value.field or "")
        await settled(engine)
        await must_be_empty(engine)
        run = await start(engine, {"a": job()})
        flow = await engine.desk.store.flow(run)
        assert flow is not None
        assert flow.run == 1
        await end(engine, run, "a")
        assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("count", [50, 130])
async def test_what_is_not_admitted_leaves_nothing(tmp_path: Path, count: int) -> None:
    async with an_engine(tmp_path) as engine:
        full = Rules(pressure=Pressure(max_depth=40, at_percent=(97, 98, 99)))
        engine.desk.working_set.set_rules(full)
        with pytest.raises(NotAdmitted):
            await start(engine, {f"t{n}": job() for n in range(count)})
        await must_be_empty(engine)
        poor = Rules(tenants={"ann": TenantRules(quota=Quota(queued=5))})
        engine.desk.working_set.set_rules(poor)
        with pytest.raises(NotAdmitted):
            await start(engine, {f"t{n}": job(tenant="ann") for n in range(count)})
        await settled(engine)
        await must_be_empty(engine)


@pytest.mark.parametrize("more", [{}, MANY], ids=["few", "many"])
async def test_a_key_that_is_taken_leaves_nothing(tmp_path: Path, more: Any) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit({**job(), "key": "k", "hold": True})
        with pytest.raises(KeyTaken):
            await start(engine, {**more, "a": job(key="k")})
        await settled(engine)
        await must_be_empty(engine, jobs=1)


@pytest.mark.parametrize("tasks", [{"a": job()}, MANY], ids=["few", "many"])
async def test_a_run_is_stored_once_under_its_key(tmp_path: Path, tasks: Any) -> None:
    async with an_engine(tmp_path) as engine:
        runs = await asyncio.gather(*[start(engine, tasks, request_key="k") for _ in range(3)])
        runs.append(await start(engine, tasks, request_key="k"))
        assert len(set(runs)) == 1
        stored = await engine.desk.store.runs(name=None, below=JobId(2**40), limit=9)
        assert [(flow.id, flow.run) for flow in stored] == [(runs[0], 1)]


async def test_runs_that_come_together_have_numbers_of_their_own(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        sizes = [{"a": job()}, MANY, {"a": job()}, MANY, {"a": job()}]
        runs = await asyncio.gather(*[start(engine, tasks) for tasks in sizes])
        flows = [await engine.desk.store.flow(run) for run in runs]
        assert sorted(flow.run for flow in flows if flow) == [1, 2, 3, 4, 5]


async def test_no_name_is_given_twice(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job()})
        await running(engine, run, "a")
        with pytest.raises(DuplicateTask):
            await engine.ask(ask.GrowWorkflow(id=run, tasks={"b": job()}))


async def test_each_workflow_counts_what_it_allows_for_itself(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        inner = {"tasks": {f"x{n}": job() for n in range(4)}, "limit": 1}
        run = await start(
            engine,
            {"in": {"workflow": inner}, "each": job(for_each=[1, 2, 3, 4], limit=2)},
        )
        await settled(engine)
        for name, most in (("in", 1), ("each", 2)):
            found = await states(engine, (await find(engine, run, name)).id)
            assert list(found.values()).count("running") == most
