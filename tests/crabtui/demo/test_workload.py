"""The demo's jobs: enough of them, in an order that can be submitted, on files that work."""

import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from crabtui.demo.server import REFUSALS, serving
from crabtui.demo.task import Task, waves
from crabtui.demo.tools import Tools, tools
from crabtui.demo.workload import FEWEST, workload

NOTHING = Tools(cc=None, gzip=None, xz=None)
EVERYTHING = Tools(cc="/usr/bin/cc", gzip="/usr/bin/gzip", xz="/usr/bin/xz")


def a_task(name: str, *after: str) -> Task:
    return Task(name=name, family="x", argv=["true"], after=after)


@pytest.mark.parametrize("there", [NOTHING, EVERYTHING], ids=["bare machine", "all tools"])
@pytest.mark.parametrize("jobs", [FEWEST, 40, 100])
def test_about_as_many_jobs_as_asked_for(there: Tools, jobs: int) -> None:
    load = workload(there, "http://127.0.0.1:1", jobs)
    assert 0.6 * jobs <= len(load.tasks) <= 1.4 * jobs
    assert len({task.name for task in load.tasks}) == len(load.tasks)


def test_every_kind_of_end_is_shown() -> None:
    ends = {task.ends for task in workload(NOTHING, "", FEWEST).tasks}
    assert ends == {"succeeded", "failed", "timeout", "skipped"}


def test_waves_put_everything_after_what_it_needs() -> None:
    tasks = [a_task("c", "a", "b"), a_task("b", "a"), a_task("a")]
    assert [[task.name for task in wave] for wave in waves(tasks)] == [["a"], ["b"], ["c"]]


def test_waves_refuse_what_cannot_come_after_anything() -> None:
    with pytest.raises(ValueError, match="a"):
        waves([a_task("a", "nowhere")])


def test_a_task_names_the_jobs_that_it_needs() -> None:
    asked: dict[str, Any] = a_task("b", "a").ask("/work", {"a": 7})
    assert asked["depends_on"] == [7]
    assert asked["cwd"] == "/work"


def test_the_scripts_are_python(tmp_path: Path) -> None:
    for name, text in workload(tools(), "", FEWEST).files.items():
        if name.endswith(".py") and not name.startswith("broken"):
            compile(text, name, "exec")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler on this machine")
def test_the_program_compiles_and_the_broken_one_does_not(tmp_path: Path) -> None:
    load = workload(tools(), "", FEWEST)
    for name, text in load.files.items():
        (tmp_path / name).write_text(text)
    assert _cc(tmp_path, "module_0.c") == 0
    assert _cc(tmp_path, "main.c") == 0
    assert _cc(tmp_path, "broken.c") != 0


def _cc(folder: Path, name: str) -> int:
    command = ["cc", "-fsyntax-only", "-Werror", name]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode


def test_a_busy_mirror_gives_in(tmp_path: Path) -> None:
    (tmp_path / "fetch.py").write_text(workload(NOTHING, "", FEWEST).files["fetch.py"])
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    with serving(tmp_path) as address:
        fetch = [sys.executable, "fetch.py", f"{address}/busy/file", "fetched"]
        codes = [
            subprocess.run(fetch, cwd=tmp_path, check=False, capture_output=True).returncode
            for _ in range(REFUSALS + 1)
        ]
    assert codes == [75] * REFUSALS + [0]
    assert (tmp_path / "fetched").read_bytes() == b"x" * 3_000_000


def test_the_server_is_gone_afterwards(tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=5)
