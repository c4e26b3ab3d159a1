"""Tools through a real daemon: called, refused, stopped, lost and found again."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.blocking import BlockingClient, connect
from engine.control.messages import (
    Cancel,
    ListTools,
    ReadResult,
    ShowJob,
    Submit,
    Targets,
    Wait,
)
from engine.errors import EngineError, InvalidSpec, NotFound
from engine.experiments import Experiments, JobFailed, WaitExpired, WorkStage
from engine.stages import StageContext
from tests.kit.daemon import RealDaemon

TOOLS = """
import time
from pathlib import Path

from engine.stages import StageContext
from engine.tools import tool


@tool
def add(a: int, b: int = 1) -> int:
    "Add."
    return a + b


@tool(kind="cpu")
def spin(mark: str) -> None:
    with Path(mark).open("a") as file:
        file.write("x")
    while True:
        pass


@tool(kind="cpu", timeout="200ms")
def too_long() -> None:
    while True:
        pass


@tool(retryable=True)
def fail() -> None:
    raise ConnectionError("net")


class Measure:
    def describe(self, opts):
        return {"name": "measure", "required": ["runs"], "types": {"runs": "integer"}}

    def run(self, context, opts):
        return context.with_metrics(loss=1 / opts["runs"])


class Breaks(Measure):
    def run(self, context, opts):
        raise RuntimeError("broke")
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RealDaemon]:
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "own_tools.py").write_text(TOOLS)
    config = f'[tools]\nmodules = ["own_tools"]\npath = ["{tmp_path}"]\n'
    (tmp_path / "s" / "config.toml").write_text(config)
    with RealDaemon(tmp_path) as daemon:
        yield daemon


@pytest.fixture
def client(daemon: RealDaemon) -> Iterator[BlockingClient]:
    with connect(daemon.state) as client:
        client.call(ListTools())
        yield client


def submit(client: BlockingClient, **job: object) -> int:
    return client.call(Submit(jobs=(job,))).ids[0][0]


def wait_for(path: Path, text: str = "x") -> None:
    ends_s = time.monotonic() + 30
    while not path.exists() or path.read_text() != text:
        assert time.monotonic() < ends_s, f"{path} has not become {text!r}"


def test_the_first_call_waits_for_its_pool(daemon: RealDaemon) -> None:
    with connect(daemon.state) as client:
        assert client.call_tool("add", {"a": 2}).value == 3


def test_a_tool_that_is_new_since_the_last_daemon_is_waited_for(daemon: RealDaemon) -> None:
    with connect(daemon.state) as client:
        assert client.call_tool("add", {"a": 2}).value == 3
    daemon.kill9()
    source = daemon.state.parent / "own_tools.py"
    source.write_text(f"{TOOLS}\n\n@tool\ndef new(a: int) -> int:\n    return a\n")
    daemon.start()
    with connect(daemon.state) as client:
        assert client.call_tool("new", {"a": 2}).value == 2


def test_secrets_among_arguments_are_not_shown(client: BlockingClient) -> None:
    args = {"a": 1, "b": 2}
    id_ = submit(client, tool="add", args=args, name="")
    assert client.call(ShowJob(id=id_)).job.payload == {"tool": "add", "args": args}
    deep = {"runs": 1, "more": [{"api_token": "hunter2"}]}
    id_ = submit(client, stage_module="own_tools:Measure", stage_opts=deep, stage_check="off")
    shown = str(client.call(ShowJob(id=id_)))
    assert "api_token" in shown
    assert "hunter2" not in shown


def test_tools_are_listed_and_called(client: BlockingClient) -> None:
    listed = client.call(ListTools())
    assert [tool.name for tool in listed.tools] == ["add", "fail", "spin", "too_long"]
    [one] = client.call(ListTools(name="add")).tools
    assert one.schema["required"] == ["a"]
    with pytest.raises(NotFound, match="'add'"):
        client.call(ListTools(name="ad"))
    assert client.call_tool("add", {"a": 2}).value == 3
    failed = client.call_tool("fail").error
    assert failed
    assert (failed.type, failed.message, failed.retryable) == ("ConnectionError", "net", True)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"tool": "ad"}, "did you mean 'add'?"),
        ({"tool": "add", "args": {"a": "x"}}, "a: must be integer"),
        ({"tool": "add", "args": {}}, "missing argument 'a'"),
        ({"tool": "add", "args": {"a": 1}, "argv": ["true"]}, "something to run already"),
        (
            {"tool": "add", "args": {"a": 1}, "workers": ["local"]},
            "which does not run jobs of kind `tool_call`",
        ),
        ({"args": {"a": 1}}, "nothing to call"),
        ({"stage_module": "own_tools:Measure", "stage_opts": {}}, "'runs' is missing"),
        ({"stage_module": "own_tools:None_"}, "has no None_"),
        ({"argv": ["true"], "workers": ["tools"]}, "does not run commands"),
    ],
)
def test_what_cannot_be_called_is_refused_at_once(
    client: BlockingClient, job: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        submit(client, **job)
    assert words in refused.value.message


def test_errors_that_may_pass_are_tried_again(client: BlockingClient) -> None:
    id_ = submit(client, tool="fail", retry={"max_attempts": 3, "base_ms": 1, "max_ms": 1})
    client.call(Wait(ids=(id_,)))
    found = client.call(ShowJob(id=id_))
    assert [one.verdict for one in found.attempts] == ["failed"] * 3


def test_a_tools_own_timeout_ends_it(client: BlockingClient) -> None:
    id_ = submit(client, tool="too_long")
    [ended] = client.call(Wait(ids=(id_,))).finished
    assert ended.state == "timeout"


def test_a_cancel_ends_a_call_that_never_would(client: BlockingClient, tmp_path: Path) -> None:
    id_ = submit(client, tool="spin", args={"mark": str(tmp_path / "mark")})
    wait_for(tmp_path / "mark")
    client.call(Cancel(targets=Targets(ids=(id_,))))
    [ended] = client.call(Wait(ids=(id_,))).finished
    assert ended.state == "canceled"
    assert client.call_tool("add", {"a": 1}).value == 2


@pytest.mark.parametrize(("restart", "state"), [("never", "failed"), ("safe", "running")])
def test_a_daemon_that_is_killed_tells_what_became_of_its_calls(
    daemon: RealDaemon, tmp_path: Path, restart: str, state: str
) -> None:
    mark = tmp_path / "mark"
    with connect(daemon.state) as client:
        id_ = submit(client, tool="spin", args={"mark": str(mark)}, restart=restart)
        wait_for(mark)
    daemon.kill9()
    daemon.start()
    with connect(daemon.state) as client:
        if state == "running":
            wait_for(mark, "xx")
        else:
            client.call(Wait(ids=(id_,)))
        found = client.call(ShowJob(id=id_))
        assert (found.job.state, found.attempts[0].verdict) == (state, "lost")
        client.call(Cancel(targets=Targets(ids=(id_,))))
        client.call(Wait(ids=(id_,)))


def test_stages_run_as_jobs(client: BlockingClient) -> None:
    experiments = Experiments(client)
    id_ = experiments.submit_proposer_stage("own_tools:Measure", {"runs": 4}, id_="e")
    told = experiments.await_job(id_)
    assert told == {
        "experiment_id": "e",
        "metrics": {"loss": 0.25},
        "completed_stages": ["measure"],
    }
    job = client.call(ShowJob(id=id_)).job
    assert (job.kind, job.tenant_id, job.namespace) == (
        "experiment_step",
        "cns_crucible",
        "proposer",
    )
    assert (job.priority, job.max_attempts) == ("high", 2)
    assert job.metadata["experiment_id"] == "e"
    broken = experiments.submit_antagonist_stage("own_tools:Breaks", {"runs": 1})
    with pytest.raises(JobFailed, match="broke"):
        experiments.await_job(broken)
    assert [row.id for row in experiments.list_jobs(namespace="proposer")] == [id_]
    assert experiments.list_jobs(namespace="proposer", status="failed") == []
    assert experiments.get_job_status(id_) == "succeeded"
    assert experiments.get_stats().jobs.by_state["succeeded"] >= 1
    held = experiments.submit({"argv": ["true"], "hold": True})
    with pytest.raises(WaitExpired):
        experiments.await_job(held, timeout_ms=1)


def test_a_stage_has_another_one_run_as_a_job(client: BlockingClient) -> None:
    work = WorkStage(Experiments(client))
    before = StageContext(metrics={"a": 1}, completed_stages=("first",))
    opts = {"stage_module": "own_tools:Measure", "stage_opts": {"runs": 2}}
    after = work.run(before, opts)
    assert after.metrics == {"a": 1, "loss": 0.5}
    assert after.completed_stages == ("first", "measure")
    later = work.run(before, {**opts, "mode": "async"})
    client.call(Wait(ids=(later.outputs["job_id"],)))
    assert client.call(ReadResult(id=later.outputs["job_id"])).state == "succeeded"


def test_without_tools_a_call_says_that_nothing_runs_it(tmp_path: Path) -> None:
    with RealDaemon(tmp_path) as daemon, connect(daemon.state) as client:
        with pytest.raises(EngineError) as refused:
            submit(client, tool="add", args={"a": 1})
        assert "NO_BACKEND" in refused.value.message
