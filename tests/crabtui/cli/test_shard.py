"""`crabtui shard`: parts run, are judged whole, and their reports become one."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon

WRITES = (
    'printf "<testsuite><testcase name=\\"t$CRAB_ARRAY_INDEX\\"/></testsuite>" '
    "> out-$CRAB_ARRAY_INDEX.xml"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Reports and what is merged of them are in a folder of the test."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("daemon")
def test_reports_are_brought_here_and_merged(crab: Crab, here: Path) -> None:
    ran = crab("shard", "--count", "3", "--junit", "out-{index}.xml", "--shell", WRITES)
    assert ran.code == 0, ran
    assert ran.out.splitlines()[-1].startswith("3 of 3 shards passed; 3 tests: 0 failed")
    root = ElementTree.parse(here / "junit.xml").getroot()
    assert [case.get("name") for case in root.iter("testcase")] == ["t0", "t1", "t2"]


@pytest.mark.usefixtures("daemon")
def test_parts_know_which_they_are(crab: Crab) -> None:
    crab("shard", "--count", "2", "--", "echo", "{index} {number}/{count}")
    assert [crab("logs", job).out for job in ("2", "3")] == ["0 1/2\n", "1 2/2\n"]


@pytest.mark.usefixtures("daemon")
def test_a_part_that_fails_fails_all(crab: Crab) -> None:
    ran = crab("shard", "--count", "3", "--json", "--", "sh", "-c", "exit $CRAB_ARRAY_INDEX")
    told = json.loads(ran.out)
    assert (ran.code, told["ok"], told["complete"]) == (1, False, True)
    assert (told["passed"], told["failed"]) == (1, [1, 2])


@pytest.mark.usefixtures("daemon")
def test_a_part_without_a_report_is_no_success(crab: Crab, here: Path) -> None:
    only_first = f"test $CRAB_ARRAY_INDEX = 1 || {WRITES}"
    ran = crab("shard", "--count", "2", "--junit", "out-{index}.xml", "--shell", only_first)
    assert ran.code == 3
    assert "shard 1 left no report" in ran.out
    assert (here / "junit.xml").exists()


@pytest.mark.usefixtures("daemon")
def test_a_report_that_is_none_is_named(crab: Crab) -> None:
    torn = "echo '<testsuite>' > out-$CRAB_ARRAY_INDEX.xml"
    ran = crab("shard", "--count", "1", "--junit", "out-{index}.xml", "--shell", torn)
    assert ran.code == 3
    assert "shard 0 (#2): is no XML" in ran.err


@pytest.mark.usefixtures("daemon")
def test_a_report_from_before_is_not_read(crab: Crab, here: Path) -> None:
    import os

    old = here / "old-0.xml"
    old.write_text('<testsuite><testcase name="a"/></testsuite>')
    os.utime(old, (1_000_000_000, 1_000_000_000))
    ran = crab("shard", "--count", "1", "--junit", f"{here}/old-{{index}}.xml", "--", "true")
    assert ran.code == 3
    assert "is from before" in ran.err


def test_parts_that_would_write_one_file_are_refused(crab: Crab, daemon: RealDaemon) -> None:
    ran = crab("shard", "--count", "2", "--junit", "out.xml", "--", "true")
    assert (ran.code, "out-{index}.xml" in ran.err) == (2, True)
    assert daemon.count("") == 0


def test_merged_goes_with_reports(crab: Crab) -> None:
    assert crab("shard", "--count", "2", "--merged", "x.xml", "--", "true").code == 2


def test_to_detach_is_to_submit(crab: Crab, daemon: RealDaemon) -> None:
    ran = crab("shard", "--count", "2", "--detach", "--hold", "--", "true")
    assert ran.out == "#1 (array of 2 jobs)\n"
    assert daemon.count("held:yes") >= 2
