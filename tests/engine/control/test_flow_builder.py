"""Workflows written in Python are those of files, for either client."""

from pathlib import Path

import pytest

from engine import Flow, connect, messages
from engine.errors import DuplicateTask, InvalidSpec
from engine.model.intake.workflow import read_workflow
from engine.model.workflow import After
from tests.kit.daemon import RealDaemon


def a_flow() -> Flow:
    inner = Flow("inner", params={"k": 0}).task("echo", command=["echo", "${{ params.k }}"])
    return (
        Flow("outer", params={"seed": 7}, defaults={"queue": "default"}, on_failure="stop")
        .task("a", shell='echo ${{ params.seed }} > "$CRAB_RESULT"')
        .task("b", command=["test", "${{ results.a }}", "=", "7"], after="a")
        .task("c", command=["true"], after=["a", {"task": "b", "after": "end"}])
        .within("in", inner, after="c", params={"k": "${{ params.seed }}"})
    )


def test_it_is_what_a_file_would_say() -> None:
    found = read_workflow(a_flow().definition())
    assert (found.name, found.params, found.on_failure) == ("outer", {"seed": 7}, "stop")
    tasks = {task.name: task for task in found.tasks}
    assert list(tasks) == ["a", "b", "c", "in"]
    assert tasks["c"].after == (("a", After.SUCCESS), ("b", After.END))
    assert tasks["in"].workflow is not None
    assert tasks["in"].workflow.params == {"k": 7}
    assert Flow("x").definition() == {"name": "x", "on_failure": "continue", "tasks": {}}


def test_a_name_is_given_once() -> None:
    with pytest.raises(DuplicateTask):
        Flow("x").task("a", command=["true"]).task("a", command=["true"])
    with pytest.raises(InvalidSpec, match="say `after`"):
        Flow("x").task("a", command=["true"], depends_on=["b"])


def test_one_that_is_there_gets_more_tasks() -> None:
    there = {"name": "x", "limit": 2, "tasks": {"a": {"command": "true"}}}
    more = Flow.read(there).task("b", after="a", command="true").definition()
    assert list(more["tasks"]) == ["a", "b"]
    assert (more["limit"], list(there["tasks"])) == (2, ["a"])  # type: ignore[call-overload]
    with pytest.raises(DuplicateTask):
        Flow.read(there).task("a", command="true")


def test_the_blocking_client_runs_it(daemon: RealDaemon, tmp_path: Path) -> None:
    ask = a_flow().submission({"seed": 7}, cwd=str(tmp_path))
    with daemon.client() as client:
        run = client.call(ask).ids[0][0]
        assert client.call(ask).ids[0][0] == run
        client.call(messages.Wait(ids=(run,)))
        report = client.call(messages.ReportWorkflow(id=run))
    assert report.status == "succeeded"
    assert report.task_results["a"].result == 7


async def test_the_async_client_runs_it(daemon: RealDaemon) -> None:
    async with await connect(daemon.state) as client:
        run = (await client.call(a_flow().submission())).ids[0][0]
        await client.call(messages.Wait(ids=(run,)))
        report = await client.call(messages.ReportWorkflow(id=run))
    assert report.successful_tasks == report.task_count == 4
