"""Experiments through a real daemon: the defaults of each helper, and what waiting comes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.blocking import connect
from engine.control.messages import Cancel, ListTools, ShowJob, Targets
from engine.experiments import (
    Experiments,
    JobCanceled,
    JobFailed,
    JobProblem,
    JobTimedOut,
    WaitExpired,
)
from tests.engine.daemon.test_tools import TOOLS
from tests.kit.daemon import RealDaemon


@pytest.fixture(scope="module")
def experiments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Experiments]:
    folder: Path = tmp_path_factory.mktemp("experiments")
    (folder / "s").mkdir(mode=0o700)
    (folder / "own_tools.py").write_text(TOOLS)
    config = f'[tools]\nmodules = ["own_tools"]\npath = ["{folder}"]\n'
    (folder / "s" / "config.toml").write_text(config)
    with RealDaemon(folder) as daemon, connect(daemon.state) as client:
        client.call(ListTools())
        yield Experiments(client)


@pytest.mark.parametrize("kind", ["proposer", "antagonist", "synthesizer"])
def test_each_stage_has_the_defaults_that_it_is_known_for(
    experiments: Experiments, kind: str
) -> None:
    submit = getattr(experiments, f"submit_{kind}_stage")
    id_ = submit("own_tools:Measure", {"runs": 2}, name="n", id_="e-1", hold=True)
    job = experiments.client.call(ShowJob(id=id_)).job
    assert (job.kind, job.tenant_id, job.namespace) == ("experiment_step", "cns_crucible", kind)
    assert (job.priority, job.max_attempts) == ("high", 2)
    assert job.constraints["timeout_ms"] == 3_600_000
    assert job.payload == {
        "experiment_type": kind,
        "experiment_name": "n",
        "experiment_id": "e-1",
        "stage_module": "own_tools:Measure",
        "stage_opts": {"runs": 2},
    }
    noted = {"source": "crucible", "experiment_type": kind, "experiment_id": "e-1"}
    assert noted.items() <= job.metadata.items()


def test_a_training_has_the_defaults_that_it_is_known_for(experiments: Experiments) -> None:
    id_ = experiments.submit_training(["true"], resources={"gpu": 0}, hold=True)
    job = experiments.client.call(ShowJob(id=id_)).job
    assert (job.kind, job.tenant_id, job.namespace) == (
        "training_step",
        "cns_crucible",
        "training",
    )
    assert (job.priority, job.max_attempts) == ("normal", 3)
    assert job.constraints["timeout_ms"] == 3_600_000
    assert job.resources["memory_mb"] == 16_384


def test_without_such_a_gpu_a_training_says_so(experiments: Experiments) -> None:
    with pytest.raises(Exception, match="GPU of type `A100`"):
        experiments.submit_training(["true"])


def test_what_waiting_comes_to_has_four_distinct_errors(experiments: Experiments) -> None:
    failed = experiments.submit({"argv": ["false"]})
    late = experiments.submit({"argv": ["sleep", "60"], "timeout_ms": 1})
    held = experiments.submit({"argv": ["true"], "hold": True})
    canceled = experiments.submit({"argv": ["true"], "hold": True})
    experiments.client.call(Cancel(targets=Targets(ids=(canceled,))))
    raised: dict[int, type[JobProblem]] = {}
    for job, wait_ms in ((failed, 60_000), (late, 60_000), (held, 1), (canceled, 60_000)):
        with pytest.raises(JobProblem) as problem:
            experiments.await_job(job, wait_ms)
        raised[job] = problem.type
        assert problem.value.job == job
    assert raised == {
        failed: JobFailed,
        late: JobTimedOut,
        held: WaitExpired,
        canceled: JobCanceled,
    }


def test_what_jobs_are_listed_by_is_nothing_but_itself(experiments: Experiments) -> None:
    experiments.submit({"argv": ["true"], "hold": True, "tenant_id": "cns_crucible"})
    for namespace in ("a or state:queued,running,succeeded,pending", 'a" or "b', "*", "a|b"):
        assert experiments.list_jobs(namespace=namespace) == []
    assert experiments.list_jobs(namespace="default", limit=1)
