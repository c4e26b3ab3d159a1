"""What clients read of a job."""

from msgspec.structs import replace

from engine.daemon.pictures.rendering import job_view, row
from engine.model.resources import Resources
from engine.model.secrets import HIDDEN
from engine.model.spec import Command
from tests.kit.build import a_job


def test_resources_are_told_in_the_units_that_people_write() -> None:
    asks = Resources(cpu_milli=1500, memory_mb=64, gpu=2, gpu_type="A100", custom=(("tpu", 1),))
    view = job_view(a_job(resources=asks), "local")
    assert view.resources == {
        "cpu": 1.5,
        "memory_mb": 64,
        "gpu_count": 2,
        "gpu": "A100",
        "tpu": 1,
    }


def test_what_is_not_asked_for_is_not_told_but_for_the_cpu() -> None:
    assert job_view(a_job(), "local").resources == {"cpu": 1.0}


def test_a_secret_in_the_environment_is_not_shown() -> None:
    command = Command(argv=("true",), env={"HF_TOKEN": "hf_abc", "SEED": "1"})
    job = a_job()
    view = job_view(replace(job, spec=replace(job.spec, command=command)), "local")
    assert view.payload["env"] == {"HF_TOKEN": HIDDEN, "SEED": "1"}


def test_a_command_in_place_of_a_name_shows_no_secret() -> None:
    command = Command(argv=("run", "--token", "abc", "DB_PASSWORD=abc"))
    job = a_job()
    spec = replace(job.spec, name="", command=command)
    shown = row(replace(job, spec=spec), None)
    assert shown.name == f"run --token {HIDDEN} DB_PASSWORD={HIDDEN}"
