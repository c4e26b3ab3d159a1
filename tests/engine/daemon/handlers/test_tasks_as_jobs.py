"""Tasks of workflows under the acts and looks that are there for any job."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import InvalidSpec, NotAllowed
from engine.model.ids import JobId
from engine.model.states import State
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import end, find, job, running, start, to


async def cloned(engine: Engine, number: JobId) -> JobId:
    answer: Any = await engine.ask(ask.Clone(id=number, changes={"hold": True}))
    return JobId(answer.ids[0][0])


async def closed(engine: Engine, number: JobId) -> tuple[int, list[str]]:
    """Of which job an explanation tells, and what stands in its way."""
    answer: Any = await engine.ask(ask.Explain(id=number))
    return answer.job, [gate.text for gate in answer.gates if not gate.ok]


async def test_a_copy_of_a_task_has_the_values_and_no_place_in_the_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = {
            "a": job(),
            "b": job(command=["echo", "${{ results.a }}"], depends_on=["a"]),
            "c": job(for_each=["x y"], command="echo ${{ item }}"),
        }
        run = await start(engine, tasks, limit=1)
        await end(engine, run, "a", says="a value")
        await running(engine, run, "b")
        copy = (await engine.job(await cloned(engine, (await find(engine, run, "b")).id))).spec
        assert (copy.command.argv, copy.flow, copy.task) == (("echo", "a value"), None, "")
        assert copy.constraints.concurrency_group is None
        fanned = (await find(engine, run, "c/0")).id
        copy = (await engine.job(await cloned(engine, fanned))).spec
        assert copy.command.shell == "echo 'x y'"


async def test_what_of_a_run_cannot_be_copied(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = {"a": job(), "b": job(command=["echo", "${{ results.a.x }}"], depends_on=["a"])}
        run = await start(engine, tasks)
        with pytest.raises(NotAllowed, match="stands for others"):
            await cloned(engine, run)
        with pytest.raises(InvalidSpec, match=r"results\.a"):
            await cloned(engine, (await find(engine, run, "b")).id)


async def test_an_edit_of_a_run_reaches_what_waits_within_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        inner = {"tasks": {"x": job()}}
        tasks = {
            "first": job(),
            "deep": {"workflow": inner, "depends_on": ["first"]},
            "many": job(array={"values": [1, 2]}, depends_on=["first"]),
        }
        run = await start(engine, tasks)
        await running(engine, run, "first")
        answer: Any = await engine.ask(ask.Edit(targets=to(run), changes={"queue": "night"}))
        assert [one.ok for one in answer.results] == [True]
        assert (await find(engine, run, "first")).now.queue == "default"
        assert (await find(engine, run, "deep/x")).now.queue == "night"
        many = await find(engine, run, "many")
        members = await engine.desk.store.members(many.id, 0, 10)
        assert {one.now.queue for one in (many, *members)} == {"night"}


async def test_a_preview_of_an_act_on_a_run_is_about_all_within_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.host.cpus = 1
        inner = {"tasks": {"x": job(cpus=4), "y": job(cpus=4)}}
        run = await start(engine, {"busy": job(cpus=4), "deep": {"workflow": inner}})
        await running(engine, run, "busy")
        answer: Any = await engine.ask(ask.WhatIf(act="hold", targets=to(run)))
        x, y = [(await find(engine, run, f"deep/{name}")).id for name in "xy"]
        assert {one.id for one in (*answer.earlier, *answer.later)} >= {x, y}


async def test_a_run_is_explained_by_the_first_task_that_waits_for_its_turn(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        inner = {"tasks": {"x": job(cpus=4)}}
        tasks = {
            "busy": job(cpus=4),
            "deep": {"workflow": inner},
            "last": job(depends_on=["deep"]),
        }
        run = await start(engine, tasks)
        await running(engine, run, "busy")
        x = (await find(engine, run, "deep/x")).id
        told, why = await closed(engine, run)
        assert (told, len(why)) == (x, 1)
        assert "asks 4 cpu" in why[0]
        deep = await find(engine, run, "deep")
        last = (await find(engine, run, "last")).id
        _, why = await closed(engine, last)
        assert why[0] == (
            f"0 of 1 dependencies are met; not yet #{deep.id} deep {State.QUEUED}"
        )
        await engine.ask(ask.Hold(targets=to(run)))
        told, why = await closed(engine, run)
        assert (told, "held by ana" in why[-1] or "running" in why[0]) == (run, True)
