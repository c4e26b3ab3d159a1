"""Runs of workflows, looked at: what is planned is what runs, in windows, however large."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.daemon.flows import planning
from engine.daemon.handlers import show_workflow
from engine.errors import InvalidSpec, NotFound
from engine.model.events import EventType
from engine.model.ids import JobId
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import end, ended, find, grow, job, running, start

FALLBACKS = {
    "end": job(depends_on=["risky", "soft", {"task": "top", "after": "end"}]),
    "risky": job(depends_on=["top"], fallback={"task": "spare"}),
    "spare": job(),
    "soft": job(fallback={"value": 1}),
    "top": job(),
    "each": job(for_each="top", limit=2),
    "inner": {"workflow": {"tasks": {"x": job(), "y": job(after="x")}}, "depends_on": ["top"]},
    "sweep": job(array={"values": "1-3"}, after=["soft"]),
}


async def show(engine: Engine, run: int, **window: int) -> Any:
    return await engine.ask(ask.ShowWorkflow(id=run, **window))


async def test_what_is_planned_is_what_is_stored(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        plan: Any = await engine.ask(ask.PlanWorkflow(definition={"tasks": FALLBACKS}))
        assert (await engine.desk.store.runs(name=None, below=JobId(9), limit=9)) == []
        run = await start(engine, FALLBACKS)
        found = await show(engine, run)
    stored = {
        task.task: {(edge.task, edge.after) for edge in task.edges} for task in found.tasks
    }
    planned = {
        name: {(edge.task, edge.after) for edge in task.edges}
        for name, task in plan.task_map.items()
    }
    assert stored == planned
    assert stored["end"] == {
        ("risky", "settled"),
        ("spare", "spare"),
        ("soft", "settled"),
        ("top", "end"),
    }
    assert {task.task: task.level for task in found.tasks} == {
        name: task.level for name, task in plan.task_map.items()
    }
    assert {task.task: task.kind for task in found.tasks} == {
        name: task.kind for name, task in plan.task_map.items()
    }
    assert found.levels == len(plan.levels)


async def test_what_could_not_be_submitted_has_no_plan(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for wrong in (job(cpus=100_000), job(retires=1), job(array={"values": "3-1"})):
            for kind in (ask.PlanWorkflow, ask.SubmitWorkflow):
                with pytest.raises(InvalidSpec) as refused:
                    await engine.ask(kind(definition={"tasks": {"a": job(), "t": wrong}}))
                assert "tasks.t" in (refused.value.field or ""), refused.value
        assert await engine.desk.store.job(JobId(1)) is None


async def test_tasks_come_in_windows(tmp_path: Path) -> None:
    tasks = {f"t{n}": job(hold=True) for n in range(25)}
    async with an_engine(tmp_path) as engine:
        run = await start(engine, tasks)
        pages = [await show(engine, run, offset=at, limit=10) for at in (0, 10, 20, 30)]
        assert [len(page.tasks) for page in pages] == [10, 10, 5, 0]
        assert [task.task for page in pages for task in page.tasks] == list(tasks)
        assert {page.total for page in pages} == {25}


async def test_a_run_that_is_too_large_is_shown_without_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_workflow, "MOST_PLANNED", 3)
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {f"t{n}": job(hold=True) for n in range(4)})
        found = await show(engine, run, offset=2, limit=1)
        assert (found.levels, found.critical_path, found.total) == (None, (), 4)
        assert [(task.task, task.level) for task in found.tasks] == [("t2", None)]


async def test_windows_of_a_large_run_begin_where_they_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_workflow, "MOST_PLANNED", 3)
    monkeypatch.setattr(show_workflow, "MARK_EVERY", 4)
    tasks = {f"t{n}": job(hold=True) for n in range(19)}
    async with an_engine(tmp_path) as engine:
        run = await start(engine, tasks)
        for offset in (17, 0, 8, 7, 9, 16, 19, 25, 4):
            found = await show(engine, run, offset=offset, limit=3)
            assert [task.task for task in found.tasks] == list(tasks)[offset : offset + 3]


async def test_of_a_large_plan_the_first_levels_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MOST_TOLD", 3)
    tasks = {"a": job(), **{f"b{n}": job(after="a") for n in range(5)}, "c": job(after="b0")}
    async with an_engine(tmp_path) as engine:
        plan: Any = await engine.ask(ask.PlanWorkflow(definition={"tasks": tasks}))
    assert plan.levels == (("a",), ("b0", "b1"))
    assert set(plan.task_map) == {"a", "b0", "b1"}
    assert (plan.left_out, plan.task_count, plan.max_parallelism) == (4, 7, 5)


async def test_a_large_run_is_worked_out_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_workflow, "SMALL", 0)
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(hold=True), "b": job(after="a")})
        both = await asyncio.gather(show(engine, run), show(engine, run))
        assert [found.levels for found in both] == [2, 2]


async def test_tasks_that_came_later_are_worked_out_at_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(hold=True)})
        assert (await show(engine, run)).levels == 1
        await grow(engine, run, {"b": job(depends_on=["a"])})
        found = await show(engine, run)
        assert [(task.task, task.level) for task in found.tasks] == [("a", 0), ("b", 1)]


async def test_results_and_members_are_told(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = {"list": job(), "each": job(for_each="list", command=["x", "${{ item }}"])}
        run = await start(engine, tasks)
        await end(engine, run, "list", says=["é" * 300, 2])
        each = (await find(engine, run, "each")).id
        await engine.until(EventType.WORKFLOW_GROWN, job=each)
        await running(engine, run, "each/1")
        found = {task.task: task for task in (await show(engine, run)).tasks}
        assert len(found["list"].result) == 200
        assert found["list"].result_bytes > 600
        assert sum(found["each"].members.values()) == 2
        inner = await show(engine, found["each"].id)
        assert (inner.flow.kind, inner.flow.parent, inner.flow.root) == ("map", run, run)
        assert [task.task for task in inner.tasks] == ["0", "1"]
        for index in ("0", "1"):
            await end(engine, run, f"each/{index}", says=int(index))
        await ended(engine, run)
        report: Any = await engine.ask(ask.ReportWorkflow(id=run))
        assert report.task_results["each"].result == [0, 1]
        assert report.successful_tasks == report.task_count == 2


async def test_what_earlier_runs_took_is_expected_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first = await start(engine, {"a": job(estimated_duration="7s"), "b": job(after="a")})
        await end(engine, first, "a")
        await end(engine, first, "b")
        await ended(engine, first)
        took: Any = (await show(engine, first)).tasks[1].duration_ms
        tasks = {"a": job(estimated_duration="7s"), "b": job(after="a")}
        definition = {"name": "flow", "tasks": tasks}
        plan: Any = await engine.ask(ask.PlanWorkflow(definition=definition))
        assert plan.task_map["a"].duration_ms == 7_000
        assert plan.task_map["b"].duration_ms == took
        assert not plan.is_guess


async def test_what_a_run_was_made_from_is_kept(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        params = {"n": 1}
        run = await start(engine, {"a": job(hold=True)}, params=params, given={"n": 2})
        for wanted in (ask.ReadDefinition(name="flow"), ask.ReadDefinition(id=run)):
            found: Any = await engine.ask(wanted)
            assert found.definition["params"] == {"n": 1}
            assert (found.id, found.name, found.run, found.params) == (run, "flow", 1, {"n": 2})
        with pytest.raises(NotFound, match="did you mean 'flow'"):
            await engine.ask(ask.ReadDefinition(name="flwo"))
        with pytest.raises(NotFound, match=r"no run of a workflow 'other'$"):
            await engine.ask(ask.ReadDefinition(name="other"))


async def test_runs_are_listed_in_pages(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        runs = [await start(engine, {"a": job(hold=True)}) for _ in range(5)]
        await start(engine, {"a": job(hold=True)}, name="other")
        first: Any = await engine.ask(ask.ListWorkflows(name="flow", limit=3))
        assert [flow.id for flow in first.flows] == runs[:1:-1]
        assert [flow.run for flow in first.flows] == [5, 4, 3]
        rest: Any = await engine.ask(ask.ListWorkflows(name="flow", before=first.next))
        assert ([flow.id for flow in rest.flows], rest.next) == (runs[1::-1], None)
        every: Any = await engine.ask(ask.ListWorkflows())
        assert len(every.flows) == 6


async def test_what_is_no_run_is_not_found(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [other] = await engine.submit({"argv": ["true"], "hold": True})
        for kind in (ask.ShowWorkflow, ask.ReportWorkflow, ask.ReadDefinition):
            with pytest.raises(NotFound, match=f"crabtui show {other}"):
                await engine.ask(kind(id=other))
            with pytest.raises(NotFound, match="no run #99"):
                await engine.ask(kind(id=99))


async def test_an_array_within_a_run_is_shown_as_its_jobs_in_windows(tmp_path: Path) -> None:
    tasks = {"sweep": job(array={"values": "1-5"}, hold=True)}
    async with an_engine(tmp_path) as engine:
        run = await start(engine, tasks)
        whole = await find(engine, run, "sweep")
        found = await show(engine, whole.id, offset=1, limit=3)
        assert (found.total, found.flow.parent, found.flow.name) == (5, run, "sweep")
        members = await engine.desk.store.members(whole.id, 1, 3)
        assert [task.id for task in found.tasks] == [one.id for one in members]
        assert len({task.task for task in found.tasks}) == 3
        assert all(task.task.startswith("sweep[") for task in found.tasks)


async def test_an_array_of_its_own_is_no_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        request = ask.SubmitArray(job=job(hold=True), values=("1", "2"))
        answer: Any = await engine.ask(request)
        with pytest.raises(NotFound, match="no run of a workflow"):
            await show(engine, answer.ids[0][0])


@pytest.mark.parametrize(
    "crowd",
    [
        {"for_each": [1, 2, 3, 4], "limit": 1},
        {"array": {"values": "1-4", "limit": 1}},
        {"workflow": {"tasks": {"w": {}, "x": {}, "y": {}, "z": {}}}},
    ],
)
async def test_a_task_of_many_jobs_ends_when_the_last_of_them_does(
    tmp_path: Path, crowd: dict[str, Any]
) -> None:
    long = job(estimated_duration="100s")
    if "workflow" in crowd:
        names = "wxyz"
        chain = {
            b: long | {"after": [a] if a else []}
            for a, b in zip(["", *names], names, strict=False)
        }
        tasks: dict[str, Any] = {"many": {"workflow": {"tasks": chain}}}
    else:
        tasks = {"many": long | crowd}
    async with an_engine(tmp_path) as engine:
        run = await start(engine, tasks)
        whole = (await find(engine, run, "many")).id
        async with asyncio.timeout(60):
            while sum((await engine.desk.store.array_counts([whole]))[whole].values()) < 4:
                await asyncio.sleep(0)
        found = await show(engine, run)
        [many] = found.tasks
        for end_at in (many.predicted_end_at, found.predicted_end_at):
            assert 390e6 < end_at - found.now_at < 410e6
