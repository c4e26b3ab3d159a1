"""Workers of one machine: what they lend together, and devices that only one can have."""

from pathlib import Path

import pytest

from engine.config import Config, check
from engine.config.machine import measure
from engine.config.partitions import overbooked
from engine.errors import InvalidSpec
from engine.model.resources import Resources

MACHINE = Resources(cpu_milli=8_000, memory_mb=16_000, storage_mb=100_000)
HALVES = """\
[workers.local]
cpus = 4
memory = "8000M"
storage = "50000M"
[workers.part]
cpus = 4
memory = "8000M"
storage = "50000M"
"""


def written(folder: Path, text: str) -> Config:
    file = folder / "new.toml"
    file.write_text(text)
    return check(folder, file)


def test_a_machine_that_is_not_divided_lends_what_it_has(tmp_path: Path) -> None:
    assert overbooked(written(tmp_path, ""), MACHINE) == []
    assert overbooked(written(tmp_path, HALVES), MACHINE) == []


@pytest.mark.parametrize(
    ("was", "is_", "where", "left"),
    [
        ("cpus = 4\nmemory", "cpus = 4.5\nmemory", "new.toml:6: workers.part.cpus", "3.5 cpu"),
        ('memory = "8000M"\n', "", "workers.part.memory is not set", "0 MB memory"),
        ("50000M", "60000M", "new.toml:8: workers.part.storage", "40000 MB storage"),
    ],
)
def test_what_is_lent_twice_is_told_with_its_place_and_what_is_left(
    tmp_path: Path, was: str, is_: str, where: str, left: str
) -> None:
    [text] = overbooked(written(tmp_path, HALVES.replace(was, is_)), MACHINE)
    assert where in text
    assert f"at most {left} are left for part" in text


def test_whoever_says_nothing_lends_all(tmp_path: Path) -> None:
    [text] = overbooked(
        written(tmp_path, "[workers.part]\ncpus = 2\nmemory = 0\nstorage = 0\n"), MACHINE
    )
    assert text == (
        "workers.local.cpus is not set, so it lends all: lent are 10 cpu (local 8 cpu, "
        "part 2 cpu), and this machine has 8 cpu: at most 6 cpu are left for local"
    )


def test_devices_are_lent_by_one_worker_only(tmp_path: Path) -> None:
    text = "[workers.local]\ngpus = 2\n[workers.part]\nlabels = ['x']\ngpus = ['t4']\n"
    with pytest.raises(InvalidSpec) as refused:
        written(tmp_path, text)
    assert refused.value.message == (
        f"{tmp_path}/new.toml:5: workers.part.gpus: local lends this machine's devices "
        "already: both would hand out device 0"
    )
    assert refused.value.nearest == "0"
    written(tmp_path, text.replace("['t4']", "0"))


def test_this_machine_is_measured(tmp_path: Path) -> None:
    found = measure(tmp_path / "not" / "there")
    assert found.cpu_milli >= 1_000
    assert found.memory_mb > 0
