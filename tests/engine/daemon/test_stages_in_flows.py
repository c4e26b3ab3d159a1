"""Stages as tasks of a workflow: each begins with what those before it have left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.blocking import BlockingClient, connect
from engine.control.flow_builder import Flow
from engine.control.messages import ListTools, ReportWorkflow, Wait
from engine.errors import InvalidSpec
from engine.experiments import Experiments
from engine.stages import StageContext
from tests.kit.daemon import RealDaemon

STAGES = """
from engine.tools import tool


class Measure:
    def describe(self, opts):
        return {"name": f"measure-{opts.get('of')}", "required": ["of"]}

    def run(self, context, opts):
        before = sum(context.metrics.values())
        return context.with_metrics(**{opts["of"]: before + 1})


@tool
def one() -> int:
    return 1


class Hasty(Measure):
    def describe(self, opts):
        return {"name": opts["of"]}
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RealDaemon]:
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "own_stages.py").write_text(STAGES)
    config = f'[tools]\nmodules = ["own_stages"]\npath = ["{tmp_path}"]\n'
    (tmp_path / "s" / "config.toml").write_text(config)
    with RealDaemon(tmp_path) as daemon:
        yield daemon


@pytest.fixture
def client(daemon: RealDaemon) -> Iterator[BlockingClient]:
    with connect(daemon.state) as client:
        client.call(ListTools())
        yield client


def measured(of: str) -> dict[str, object]:
    return {"stage_module": "own_stages:Measure", "stage_opts": {"of": of}}


def test_contexts_of_those_before_are_merged(client: BlockingClient) -> None:
    flow = Flow("lab")
    flow.task("a", stage_context={"experiment_id": "e"}, **measured("a"))
    flow.task("b", after="a", for_each=["x", "y"], **measured("b-${{ item }}"))
    flow.task("other", command='echo \'{"metrics": {"z": 9}}\' > $CRAB_RESULT')
    own = {"run_id": "r", "metrics": {"own": 1}}
    flow.task("c", after=["a", "b", "other"], stage_context=own, **measured("c"))
    run = client.call(flow.submission()).ids[0][0]
    client.call(Wait(ids=(run,)))
    report = client.call(ReportWorkflow(id=run))
    assert report.task_results["c"].result == {
        "experiment_id": "e",
        "run_id": "r",
        "metrics": {"a": 1, "b-x": 2, "b-y": 2, "own": 1, "c": 7},
        "completed_stages": ["measure-a", "measure-b-x", "measure-b-y", "measure-c"],
    }


def test_a_step_begins_with_the_context_that_it_is_given(client: BlockingClient) -> None:
    lab = Experiments(client)
    first = lab.submit_proposer_stage(**measured("a"), id_="e-1")  # type: ignore[arg-type]
    context = lab.await_context(first)
    assert (context.experiment_id, context.metrics) == ("e-1", {"a": 1})
    then = lab.submit_synthesizer_stage("own_stages:Measure", {"of": "b"}, context=context)
    found = lab.await_context(then)
    assert (found.experiment_id, found.metrics) == ("e-1", {"a": 1, "b": 2})


def test_a_training_has_its_metrics_come_back(client: BlockingClient) -> None:
    lab = Experiments(client)
    here = {"gpu": 0, "memory_mb": 16}
    job = lab.submit_training('echo \'{"loss": 0.5}\' > "$CRAB_RESULT"', resources=here)
    assert lab.await_job(job) == {"loss": 0.5}


def test_gathering_leaves_what_it_gathers_as_it_was() -> None:
    one = StageContext(metrics={"a": 1}, experiment_id="e", completed_stages=("p",))
    gathered = StageContext.gathered([one], StageContext(metrics={"b": 2}))
    assert gathered.metrics == {"a": 1, "b": 2}
    assert (gathered.experiment_id, one.metrics) == ("e", {"a": 1})
    assert StageContext.gathered([], one) == one


def test_a_stage_that_cannot_describe_itself_is_refused(client: BlockingClient) -> None:
    with pytest.raises(InvalidSpec, match="cannot describe itself with these: KeyError: 'of'"):
        Experiments(client).submit_proposer_stage("own_stages:Hasty", {"fo": 1})


def test_tools_that_are_configured_no_more_are_not_listed(daemon: RealDaemon) -> None:
    with connect(daemon.state) as client:
        assert [one.name for one in client.call(ListTools()).tools] == ["one"]
    (daemon.state / "config.toml").unlink()
    daemon.restart()
    with connect(daemon.state) as client:
        listed = client.call(ListTools())
    assert (listed.tools, listed.modules) == ((), ())
