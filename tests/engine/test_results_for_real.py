"""Results and contexts through a real daemon and real processes, harmful ones too."""

from pathlib import Path
from typing import Any

from engine.control.messages import ReportWorkflow, ShowJob, SubmitWorkflow
from engine.control.views import FlowReport
from tests.kit.daemon import RealDaemon, job_environment
from tests.kit.waiting import wait_until


def run(daemon: RealDaemon, tasks: dict[str, Any], **top: Any) -> FlowReport:
    """What a workflow came to."""
    definition = {"name": "real", "tasks": tasks, **top}
    ask = SubmitWorkflow(definition=definition, cwd="/", env=job_environment())
    with daemon.client() as client:
        [(first, _)] = client.call(ask).ids
        wait_until(
            lambda: (
                client.call(ShowJob(id=first)).job.state in ("succeeded", "failed", "canceled")
            ),
            timeout_s=60,
            what="the end of the run",
        )
        return client.call(ReportWorkflow(id=first))


def says(text: str) -> dict[str, Any]:
    return {"command": ["/bin/sh", "-c", f"{text} >$CRAB_RESULT"], "cpus": 0.1}


def test_results_arrive_as_words_files_and_environment(
    daemon: RealDaemon, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    read = f"""python3 - <<'END' >>{out}
import json, os
told = json.load(open(os.environ["CRAB_CONTEXT"]))
print(told["results"]["a"]["x"], told["params"]["p"], told["workflow"]["run"], told["task"])
END"""
    found = run(
        daemon,
        {
            "a": says("echo '{\"x\": [1, 2]}'"),
            "b": {"command": read, "depends_on": ["a"]},
            "c": {
                "command": f"echo ${{{{ results.a.x.1 }}}} $E >>{out}; echo done >$CRAB_RESULT",
                "env": {"E": "${{ results.a }}"},
                "depends_on": ["a", "b"],
            },
        },
        params={"p": "v"},
    )
    assert found.status == "succeeded"
    assert out.read_text() == '[1, 2] v 1 b\n2 {"x":[1,2]}\n'
    assert found.task_results["c"].result == "done"


def test_what_no_process_can_be_given_fails_that_task_alone(daemon: RealDaemon) -> None:
    found = run(
        daemon,
        {
            "nul": says("printf '\"a\\\\u0000b\"'"),
            "long": says("head -c 200000 /dev/zero | tr '\\0' x"),
            "deep": says("head -c 200000 /dev/zero | tr '\\0' '['"),
            "huge": says("head -c 300000 /dev/zero | tr '\\0' x"),
            "with-nul": {"command": ["echo", "${{ results.nul }}"], "depends_on": ["nul"]},
            "env-nul": {
                "command": ["true"],
                "env": {"E": "${{ results.nul }}"},
                "depends_on": ["nul"],
            },
            "with-long": {"command": ["echo", "${{ results.long }}"], "depends_on": ["long"]},
            "told-deep": {"command": ["cat", "/dev/null"], "depends_on": ["deep"]},
        },
    )
    ends = {name: one.status for name, one in found.task_results.items()}
    assert ends == {
        "nul": "succeeded",
        "long": "succeeded",
        "deep": "succeeded",
        "huge": "failed",
        "with-nul": "failed",
        "env-nul": "failed",
        "with-long": "failed",
        "told-deep": "succeeded",
    }
    assert "300000 bytes" in found.task_results["huge"].error
    assert all(found.task_results[name].error for name in ("with-nul", "env-nul", "with-long"))
    assert run(daemon, {"a": says("echo 1")}).status == "succeeded"
