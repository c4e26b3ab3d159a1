"""What is told of a task among jobs: its run, how its edges stand, and its critical path."""

from pathlib import Path
from typing import Any

from engine.control import messages as ask
from tests.kit.engine import an_engine
from tests.kit.flows import find, job, start

TASKS = {
    "top": job(estimated_duration_ms=60_000, hold=True),
    "side": job(estimated_duration_ms=1_000, hold=True),
    "mend": job(depends_on=[{"task": "top", "after": "failure"}], estimated_duration_ms=1_000),
    "last": job(
        depends_on=["top", {"task": "side", "after": "end"}], estimated_duration_ms=30_000
    ),
}


async def test_a_task_tells_of_its_run_and_how_it_waits(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, TASKS)
        ids = {name: (await find(engine, run, name)).id for name in TASKS}
        last: Any = await engine.ask(ask.ShowJob(id=ids["last"]))
        assert (last.job.flow, last.job.task) == (run, "last")
        assert last.after == {ids["side"]: "end"}
        top: Any = await engine.ask(ask.ShowJob(id=ids["top"]))
        assert top.awaited == {ids["mend"]: "failure"}
        assert top.after == {}


async def test_a_run_counts_its_tasks(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, TASKS)
        found: Any = await engine.ask(ask.ShowJob(id=run))
        assert sum(found.members.values()) == len(TASKS)
        assert (found.array, found.job.flow) == (None, None)


async def test_tasks_are_found_by_their_run_and_their_name(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        other = await start(engine, {"top": job(hold=True)})
        run = await start(engine, TASKS)
        for where, number in ((f"flow:{run}", 4), (f"flow:{other}", 1), ("task:top", 2)):
            page: Any = await engine.ask(ask.ListJobs(where=where, count=10, at=0))
            assert page.total == number, where


async def test_the_critical_path_has_windows_of_its_own(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, TASKS)
        both: Any = await engine.ask(ask.ShowWorkflow(id=run, critical=True))
        assert [task.task for task in both.tasks] == ["top", "last"]
        assert all(task.critical for task in both.tasks)
        assert both.total == 2
        second: Any = await engine.ask(
            ask.ShowWorkflow(id=run, critical=True, offset=1, limit=1)
        )
        assert [task.task for task in second.tasks] == ["last"]
