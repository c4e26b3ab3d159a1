"""Growth: runs get tasks and edges while they run, all or none, checked like the first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import (
    DependencyCycle,
    DuplicateTask,
    InvalidSpec,
    NotAllowed,
    NotFound,
    UnknownDependency,
)
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.states import State
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import (
    end,
    ended,
    find,
    grow,
    job,
    running,
    settled,
    start,
    states,
    to,
    told,
)


async def a_run(engine: Engine, **top: Any) -> JobId:
    """A run of which one task runs, one has succeeded, and one waits."""
    run = await start(
        engine,
        {"done": job(), "slow": job(), "later": job(depends_on=["slow"])},
        **top,
    )
    await end(engine, run, "done", says=5)
    await running(engine, run, "slow")
    return run


async def test_new_tasks_run_behind_old_ones(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        new = {
            "x": job(depends_on=["done"], command=["echo", "${{ results.done }}"]),
            "y": job(depends_on=["x", "slow"]),
        }
        answer = await grow(engine, run, new)
        assert answer.count == 2
        attempt = await running(engine, run, "x")
        assert engine.host.orders[attempt].argv == ("echo", "5")
        await end(engine, run, "x", says=6)
        await end(engine, run, "slow")
        attempt = await running(engine, run, "y")
        assert told(engine, attempt)["results"] == {"x": 6, "slow": None}
        await end(engine, run, "y")
        await end(engine, run, "later")
        assert await ended(engine, run) is State.SUCCEEDED
        assert (await engine.story(run)).count("workflow.grown") == 1
        assert await engine.desk.store.check() == []


async def test_an_old_task_waits_for_a_new_one(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        await grow(engine, run, {"x": job()}, {"later": ["x"]})
        await end(engine, run, "slow")
        await settled(engine)
        assert (await find(engine, run, "later")).now.state is State.PENDING
        await end(engine, run, "x", says=1)
        attempt = await running(engine, run, "later")
        assert told(engine, attempt)["results"] == {"slow": None, "x": 1}
        await end(engine, run, "later")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_an_edge_to_what_has_ended_counts_at_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"ok": job(), "bad": job(), "slow": job()}, limit=2)
        await end(engine, run, "ok")
        await running(engine, run, "slow")
        await end(engine, run, "bad", 1)
        later = job(depends_on=["slow"])
        await grow(engine, run, {"a": later, "b": later, "c": later})
        after = [{"task": "bad", "after": "failure"}]
        await grow(engine, run, edges={"a": ["ok"], "b": ["bad"], "c": after})
        assert await ended(engine, run, "b") is State.SKIPPED
        await end(engine, run, "slow")
        await end(engine, run, "a")
        await end(engine, run, "c")
        assert await ended(engine, run) is State.FAILED


async def test_an_edge_to_what_ends_meanwhile_is_heard_of(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"slow": job(), "long": job(), "a": job(depends_on=["slow"])})
        attempt = await running(engine, run, "long")
        known = engine.desk.grower._known

        async def and_then(*args: Any) -> Any:
            found = await known(*args)
            engine.host.end(attempt, 0)
            await engine.until_state((await find(engine, run, "long")).id, State.SUCCEEDED)
            return found

        engine.desk.grower._known = and_then  # type: ignore[assignment, method-assign]
        await grow(engine, run, {"b": job(depends_on=["long"])}, {"a": ["long"]})
        await end(engine, run, "slow")
        await end(engine, run, "a")
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_fan_outs_arrays_and_workflows_can_be_added(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"list": job(), "slow": job()})
        await end(engine, run, "list", says=[1, 2])
        await running(engine, run, "slow")
        inner = {"tasks": {"x": job(), "y": job(depends_on=["x"])}}
        await grow(
            engine,
            run,
            {
                "each": job(for_each="list", command=["do", "${{ item }}"]),
                "here": job(for_each=["p"]),
                "sweep": job(array={"values": ["1", "2"]}),
                "in": {"workflow": inner},
                "all": job(depends_on=["each", "here", "sweep", "in"]),
            },
        )
        for name in ("each", "here"):
            await engine.until(EventType.WORKFLOW_GROWN, job=(await find(engine, run, name)).id)
        for path in ("each/0", "each/1", "here/0", "in/x", "in/y"):
            await end(engine, run, path)
        sweep = (await find(engine, run, "sweep")).id
        for member in await engine.desk.store.members(sweep, 0, 9):
            engine.host.end(await engine.running(member.id), 0)
        await end(engine, run, "all")
        await end(engine, run, "slow")
        assert await ended(engine, run) is State.SUCCEEDED
        assert await engine.desk.store.check() == []


@pytest.mark.parametrize(
    ("tasks", "edges", "error"),
    [
        ({"done": job()}, {}, DuplicateTask),
        ({"x": job(depends_on=["dome"])}, {}, UnknownDependency),
        ({}, {"lader": ["done"]}, UnknownDependency),
        ({"x": job(depends_on=["later"])}, {"later": ["x"]}, DependencyCycle),
        ({}, {"later": ["later"]}, DependencyCycle),
        ({"x": job()}, {"slow": ["x"]}, NotAllowed),
        ({"x": job()}, {"done": ["x"]}, NotAllowed),
        ({}, {}, InvalidSpec),
        ({"x": job(cpus=4000)}, {}, InvalidSpec),
        ({"x": job(command="")}, {"later": ["x"]}, InvalidSpec),
    ],
)
async def test_what_is_wrong_changes_nothing(
    tmp_path: Path, tasks: dict[str, Any], edges: dict[str, Any], error: type[Exception]
) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        was, later = await states(engine, run), await find(engine, run, "later")
        with pytest.raises(error):
            await grow(engine, run, tasks, edges)
        assert await states(engine, run) == was
        assert await find(engine, run, "later") == later
        assert "workflow.grown" not in await engine.story(run)
        await end(engine, run, "slow")
        await end(engine, run, "later")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_growth_is_repeated_under_its_key(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        asks = [grow(engine, run, {"x": job()}, request_key="k") for _ in range(3)]
        answers = await asyncio.gather(*asks)
        answers.append(await grow(engine, run, {"x": job()}, request_key="k"))
        assert len({answer.ids for answer in answers}) == 1
        assert len(await states(engine, run)) == 4


async def test_edges_alone_can_be_added_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        await grow(engine, run, edges={"later": ["done"]}, request_key="k")
        await end(engine, run, "slow")
        await running(engine, run, "later")
        await grow(engine, run, edges={"later": ["done"]}, request_key="k")
        await end(engine, run, "later")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_what_has_ended_gets_no_more_tasks(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job()})
        await end(engine, run, "a")
        await ended(engine, run)
        with pytest.raises(NotAllowed, match="has ended"):
            await grow(engine, run, {"x": job()})
        with pytest.raises(NotFound):
            await grow(engine, JobId(run + 1), {"x": job()})


async def test_what_is_being_canceled_gets_no_more_tasks(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        attempt = await running(engine, run, "slow")
        await engine.ask(ask.Cancel(targets=to(run)))
        with pytest.raises(NotAllowed, match="is being canceled"):
            await grow(engine, run, {"x": job()})
        engine.host.end(attempt, None, signal=15, why="stop")
        assert await ended(engine, run) is State.CANCELED


async def test_what_is_held_holds_its_new_tasks(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_run(engine)
        await engine.ask(ask.Hold(targets=to(run)))
        await grow(engine, run, {"x": job()})
        await settled(engine)
        assert (await find(engine, run, "x")).now.state is State.QUEUED
        await engine.ask(ask.Release(targets=to(run)))
        for name in ("x", "slow", "later"):
            await end(engine, run, name)
        assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("turns", range(12))
async def test_a_growth_that_races_the_end_of_a_run_is_whole_or_not_there(
    tmp_path: Path, turns: int
) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job()})
        engine.host.end(await running(engine, run, "a"), 0)
        for _ in range(turns):
            await asyncio.sleep(0)
        try:
            await grow(engine, run, {"x": job(), "y": job(depends_on=["x"])})
        except NotAllowed:
            assert await states(engine, run) == {"a": "succeeded"}
        else:
            await end(engine, run, "x")
            await end(engine, run, "y")
        assert await ended(engine, run) is State.SUCCEEDED
        assert await engine.desk.store.check() == []


async def test_what_stands_for_jobs_that_are_there_cannot_wait_for_more(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "slow": job(),
                "in": {"workflow": {"tasks": {"x": job()}}, "depends_on": ["slow"]},
                "sweep": job(array={"values": ["1"]}, depends_on=["slow"]),
                "each": job(for_each=[1], depends_on=["slow"]),
            },
        )
        await running(engine, run, "slow")
        for name in ("in", "sweep"):
            with pytest.raises(NotAllowed, match="stands for"):
                await grow(engine, run, {"n": job()}, {name: ["n"]})
        await grow(engine, run, {"n": job()}, {"each": ["n"]})
        await end(engine, run, "slow")
        await settled(engine)
        assert (await find(engine, run, "each")).now.state is State.PENDING
        await end(engine, run, "n")
        await engine.until(EventType.WORKFLOW_GROWN, job=(await find(engine, run, "each")).id)
        await end(engine, run, "each/0")


async def test_a_workflow_within_grows_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        inner = {"tasks": {"x": job()}, "params": {"p": 3}, "limit": 5}
        run = await start(
            engine,
            {"a": job(), "in": {"workflow": inner, "depends_on": ["a"]}},
        )
        await running(engine, run, "a")
        within = (await find(engine, run, "in")).id
        await grow(engine, within, {"y": job(command=["echo", "${{ params.p }}"])})
        await settled(engine)
        assert (await find(engine, run, "in/y")).now.state is State.PENDING
        await end(engine, run, "a")
        attempt = await running(engine, run, "in/y")
        assert engine.host.orders[attempt].argv == ("echo", "3")
        for path in ("in/x", "in/y"):
            await end(engine, run, path)
        assert await ended(engine, run) is State.SUCCEEDED
