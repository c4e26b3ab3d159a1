"""Whose process is it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runner.marks import Marks
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux only")


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {"PATH": os.environ["PATH"], "CRAB_MARK": f"{tmp_path}/a/1-1-42:"}
    with subprocess.Popen(
        ["setsid", "sh", "-c", "env -i sleep 60 & echo $!; wait"],
        env=environ,
        stdout=subprocess.PIPE,
    ) as process:
        yield process
        os.killpg(process.pid, 9)


def test_the_mark_of_our_spool(tmp_path: Path, marked: subprocess.Popen[bytes]) -> None:
    marks = Marks(tmp_path)
    assert wait_until(lambda: marks.of(marked.pid)) == "1-1-42"
    assert marks.is_ours(marked.pid)
    assert Marks(tmp_path / "other").of(marked.pid) is None
    assert not Marks(tmp_path / "other").is_ours(marked.pid)
    assert Marks(Path(f"{tmp_path}/")).of(os.getpid()) is None


def test_one_without_a_mark_is_ours_by_its_session(
    tmp_path: Path, marked: subprocess.Popen[bytes]
) -> None:
    assert marked.stdout is not None
    naked = int(marked.stdout.readline())
    marks = Marks(tmp_path)
    wait_until(lambda: marks.of(naked) is None, what="env -i did its work")
    assert marks.is_ours(naked)


def test_processes_that_are_no_more(tmp_path: Path) -> None:
    assert Marks(tmp_path).of(2**22 + 7) is None
    assert not Marks(tmp_path).is_ours(2**22 + 7)
