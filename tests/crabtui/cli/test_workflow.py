"""`crabtui workflow` and a real daemon: plan, run, follow, look, take up again, grow."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon

pytestmark = pytest.mark.usefixtures("daemon")

DIAMOND = """
name: diamond
params: {seed: 7, gate: /nowhere}
tasks:
  load: {shell: 'echo ${{ params.seed }} > "$CRAB_RESULT"'}
  left: {command: ["test", "-e", "${{ params.gate }}"], depends_on: [load]}
  right: {shell: 'echo ${{ results.load }} > "$CRAB_RESULT"', depends_on: [load]}
  join: {command: ["true"], depends_on: [left, right]}
  always: {command: ["true"], depends_on: [{task: join, after: end}]}
"""


@pytest.fixture
def diamond(tmp_path: Path) -> str:
    path = tmp_path / "diamond.yaml"
    path.write_text(DIAMOND)
    return str(path)


def told(crab: Crab, *words: str) -> Any:
    ran = crab(*words, "--json")
    assert ran.err == "", ran.err
    return json.loads(ran.out)


def states(crab: Crab, run: str) -> dict[str, str]:
    found = told(crab, "workflow", "show", run)
    return {task["task"]: task["state"] for task in found["tasks"]}


def test_a_plan_stores_nothing(crab: Crab, daemon: RealDaemon, diamond: str) -> None:
    ran = crab("workflow", "plan", diamond, "-p", "seed=9")
    assert ran.code == 0
    assert "diamond: 5 jobs" in ran.out
    assert "critical path  load → left → join → always" in ran.out
    assert re.search(r"level 1: 2 tasks at once\n├─\*left .*← load\n└─ right", ran.out)
    found = told(crab, "workflow", "plan", diamond)
    assert found["levels"] == [["load"], ["left", "right"], ["join"], ["always"]]
    assert found["dependencies"]["join"] == ["left", "right"]
    assert found["max_parallelism"] == 2
    assert daemon.count("") == 0


def test_a_plan_for_graphviz(crab: Crab, diamond: str) -> None:
    lines = crab("workflow", "plan", diamond, "--dot").out.splitlines()
    assert lines[0] == 'digraph "diamond" {'
    assert '  "load" -> "left" [penwidth=2.5];' in lines
    assert '  "join" -> "always" [label="end", style=dotted, penwidth=2.5];' in lines


def test_a_run_that_fails_is_taken_up_again(crab: Crab, diamond: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    ran = crab("workflow", "run", diamond, "-p", f"gate={gate}", "--follow")
    assert (ran.code, "left failed" in ran.out) == (1, True)
    assert states(crab, "diamond") == {
        "load": "succeeded",
        "left": "failed",
        "right": "succeeded",
        "join": "skipped",
        "always": "succeeded",
    }
    gate.touch()
    assert crab("workflow", "resume", "diamond").code == 0
    assert crab("wait", "1").code == 0
    found = told(crab, "workflow", "show", "diamond")
    assert {task["state"] for task in found["tasks"]} == {"succeeded"}
    assert {task["task"]: task["attempt"] for task in found["tasks"]}["load"] == 1


def test_a_report_has_what_tasks_said(crab: Crab, diamond: str) -> None:
    crab("workflow", "run", diamond, "-p", "gate=/", "-p", "seed=41", "--wait")
    report = told(crab, "workflow", "show", "diamond", "--report")
    assert (report["status"], report["task_count"], report["successful_tasks"]) == (
        "succeeded",
        5,
        5,
    )
    assert report["task_results"]["right"] == {
        "status": "succeeded",
        "result": 41,
        "error": "",
        "id": 4,
        "result_bytes": 0,
    }
    assert report["error"] is None
    assert report["duration"] >= 0


def test_a_report_tells_what_failed_first(crab: Crab, diamond: str) -> None:
    crab("workflow", "run", diamond, "--wait")
    report = told(crab, "workflow", "show", "1", "--report")
    assert report["error"] == "left: the command exited with 1"
    assert report["task_results"]["join"]["status"] == "skipped"


def test_runs_are_told_apart(crab: Crab, diamond: str) -> None:
    crab("workflow", "run", diamond, "-p", "gate=/", "--wait")
    assert crab("workflow", "run", "diamond", "-p", "seed=8", "--wait").code == 0
    runs = told(crab, "workflow", "list", "diamond")["flows"]
    assert [(run["run"], run["params"]["seed"]) for run in runs] == [(2, 8), (1, 7)]
    assert [run["params"]["gate"] for run in runs] == ["/", "/"]
    assert "diamond 2" in crab("workflow", "list").out


def test_params_come_from_a_file_too(crab: Crab, diamond: str, tmp_path: Path) -> None:
    file = tmp_path / "params.json"
    file.write_text('{"seed": 3, "gate": "/x"}')
    words = ("workflow", "plan", diamond, "--params-file", str(file), "-p", "seed=4")
    assert told(crab, *words)["params"] == {"seed": 4, "gate": "/x"}


def test_a_paused_run_starts_nothing(crab: Crab, daemon: RealDaemon, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    file = tmp_path / "w.json"
    wait = f"until [ -e {gate} ]; do sleep 0.02; done"
    tasks = {"a": {"shell": wait}, "b": {"command": ["true"], "depends_on": ["a"]}}
    file.write_text(json.dumps({"name": "w", "tasks": tasks}))
    crab("workflow", "run", str(file))
    daemon.wait_state(2, "running")
    assert crab("workflow", "pause", "w", "--why", "lunch").code == 0
    gate.touch()
    daemon.wait_state(3, "queued")
    assert "paused" in crab("workflow", "list").out
    assert crab("workflow", "resume", "w").code == 0
    daemon.wait_state(1, "succeeded")


def test_a_canceled_run_ends(crab: Crab, daemon: RealDaemon, tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_text(
        'name = "w"\n[tasks.a]\ncommand = ["sleep", "600"]\n'
        '[tasks.b]\ncommand = ["true"]\ndepends_on = ["a"]\n'
    )
    crab("workflow", "run", str(file))
    daemon.wait_state(2, "running")
    assert crab("workflow", "cancel", "#1").code == 0
    daemon.wait_state(1, "canceled")
    assert set(states(crab, "1").values()) <= {"canceled", "skipped"}


def test_a_run_grows(crab: Crab, daemon: RealDaemon, tmp_path: Path) -> None:
    gate, file, more = tmp_path / "gate", tmp_path / "w.yaml", tmp_path / "more.yaml"
    file.write_text(
        f"name: w\ntasks:\n  a: {{shell: 'until [ -e {gate} ]; do sleep 0.02; done'}}\n"
        "  b: {command: ['true'], depends_on: [a]}\n"
    )
    crab("workflow", "run", str(file))
    more.write_text("tasks:\n  c: {command: ['true'], depends_on: [a]}\nedges:\n  b: [c]\n")
    assert re.fullmatch(r"1 job more: #\d+\n", crab("workflow", "add", "w", str(more)).out)
    again = crab("workflow", "add", "w", str(more), "--json")
    assert json.loads(again.err)["error"]["code"] == "duplicate_task"
    more.write_text("edges:\n  c: [b]\n")
    circle = crab("workflow", "add", "w", str(more), "--json")
    assert json.loads(circle.err)["error"]["code"] == "dependency_cycle"
    gate.touch()
    daemon.wait_state(1, "succeeded")
    found = {task["task"]: task for task in told(crab, "workflow", "show", "w")["tasks"]}
    assert [edge["task"] for edge in found["b"]["edges"]] == ["a", "c"]
    assert found["c"]["completed_at"] <= found["b"]["started_at"]


def test_a_task_grows_its_own_run(crab: Crab, daemon: RealDaemon, tmp_path: Path) -> None:
    file, more = tmp_path / "w.yaml", tmp_path / "more.yaml"
    more.write_text("tasks:\n  c: {command: ['true'], depends_on: [a]}\n")
    add = f'{sys.executable} -m crabtui --state "$CRAB_STATE" workflow add "$CRAB_FLOW" {more}'
    inner = {"tasks": {"x": {"command": add}}}
    tasks = {"a": {"command": ["true"]}, "b": {"workflow": inner, "depends_on": ["a"]}}
    file.write_text(json.dumps({"name": "w", "tasks": tasks}))
    assert crab("workflow", "run", str(file), "--wait").code == 0
    assert states(crab, "w") == dict.fromkeys("abc", "succeeded")
    assert daemon.job(1).state == "succeeded"


WRONG = [
    ("tasks: {a: {command: [x], depends_on: [b]}}", "unknown_dependency"),
    (
        "tasks:\n  a: {command: [x], depends_on: [b]}\n  b: {command: [x], depends_on: [a]}",
        "dependency_cycle",
    ),
    ("tasks:\n  a: {command: [x]}\n  a: {command: [y]}", "duplicate_task"),
    ('{"tasks": {"a": {"command": ["x"]}, "a": {}}}', "duplicate_task"),
    ("tasks: {a: {command: [x], retires: 3}}", "invalid"),
    ("tasks: {a: {command: [x], cpus: lots}}", "invalid"),
    ("jobs: [{command: [x]}]", "invalid"),
    ("tasks: &x {a: {command: [x]}}", "invalid"),
]


@pytest.mark.parametrize(("text", "code"), WRONG)
@pytest.mark.parametrize("verb", ["plan", "run"])
def test_what_is_no_workflow_is_refused_alike(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, verb: str, text: str, code: str
) -> None:
    path = tmp_path / ("w.json" if text.startswith("{") else "w.yaml")
    path.write_text(text)
    ran = crab("workflow", verb, str(path), "--json")
    assert (ran.code, json.loads(ran.err)["error"]["code"]) == (2, code)
    assert daemon.count("") == 0


def test_what_is_not_there_is_said(crab: Crab) -> None:
    assert "no workflow has run" in crab("workflow", "list").out
    ran = crab("workflow", "show", "nope")
    assert (ran.code, "no workflow called 'nope'" in ran.err) == (3, True)
    assert crab("workflow", "show", "99").code == 3
    assert crab("workflow", "run", "nope").code == 3
    assert crab("workflow", "run").code == 2
    assert "did you mean 'plan'" in crab("workflow", "pln").err
    crab("run", "--", "true")
    assert "no run of a workflow: `crabtui show 1`" in crab("workflow", "show", "1").err


def test_a_run_is_worked_out_while_it_runs(
    crab: Crab, daemon: RealDaemon, diamond: str
) -> None:
    slow = DIAMOND.replace('["true"], depends_on: [l', '["sleep", "600"], depends_on: [l')
    Path(diamond).write_text(slow)
    crab("workflow", "run", diamond, "-p", "gate=/")
    daemon.wait_state(5, "running")
    found = told(crab, "workflow", "show", "diamond")
    by_name = {task["task"]: task for task in found["tasks"]}
    assert found["levels"] == 4
    assert found["critical_path"][-2:] == ["join", "always"]
    assert by_name["load"]["predicted_end_at"] is None
    assert by_name["always"]["predicted_start_at"] == by_name["join"]["predicted_end_at"]
    assert found["predicted_end_at"] == by_name["always"]["predicted_end_at"]
    assert by_name["right"]["result"] == "7"
    drawn = crab("workflow", "show", "diamond", "--dot").out
    assert '"join" [label="join\\nrunning", fillcolor=' in drawn
    assert "level 3" in crab("workflow", "show", "diamond", "--plan").out
    crab("workflow", "cancel", "diamond", "--kill")
    daemon.wait_state(1, "canceled")


@pytest.mark.parametrize("verb", ["show", "cancel", "pause", "resume"])
def test_no_word_is_no_run(crab: Crab, diamond: str, verb: str) -> None:
    crab("workflow", "run", diamond)
    ran = crab("workflow", verb, "")
    assert (ran.code, ran.err) == (
        2,
        "crabtui: '' names no run: give its number, or a workflow's name\n",
    )


@pytest.mark.parametrize("verb", ["show", "cancel", "pause", "resume"])
def test_acts_on_runs_leave_other_jobs_alone(crab: Crab, verb: str) -> None:
    crab("submit", "--hold", "--", "true")
    ran = crab("workflow", verb, "1")
    assert (ran.code, ran.err) == (
        3,
        "crabtui: #1 is no run of a workflow: `crabtui show 1`\n",
    )
    assert told(crab, "show", "1")["job"]["state"] == "queued"
