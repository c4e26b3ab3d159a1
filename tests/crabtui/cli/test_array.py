"""Arrays on the command line, against a real daemon."""

import json
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon


def test_a_grid_of_six_runs_and_ends_as_one(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    ran = crab(
        "submit", "--grid", "lr=0.1,0.01", "--grid", "seed=1-3", "--", "echo", "{lr}/{seed}"
    )
    assert (ran.code, ran.out) == (0, "#1 (array of 6 jobs)\n")
    assert crab("wait", "1").out == "#1 succeeded\n"
    said = [crab("logs", str(member)).out.strip() for member in range(2, 8)]
    assert said == ["0.1/1", "0.1/2", "0.1/3", "0.01/1", "0.01/2", "0.01/3"]
    assert [job["id"] for job in json.loads(crab("ls", "--json").out)["jobs"]] == [1]
    assert len(json.loads(crab("ls", "array:1", "--json").out)["jobs"]) == 6
    assert "6 succeeded" in crab("show", "1").out


def test_an_array_gives_up_after_failures(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    crab("submit", "--array", "1-200", "--array-limit", "1", "--stop-after", "1", "--", "false")
    ran = crab("wait", "1")
    assert ran.code == 1
    counts = json.loads(crab("show", "1", "--json").out)["members"]
    assert counts["failed"] + counts["canceled"] == 200
    assert counts["canceled"] > 100


def test_an_array_of_lines_is_limited_and_canceled(
    crab: Crab, daemon: RealDaemon, tmp_path: Path
) -> None:
    assert daemon.is_running
    file = tmp_path / "names"
    file.write_text("a b\n\nc;d\n")
    told = crab("submit", "--lines", str(file), "--hold", "--json", "--shell", "echo {line}")
    assert json.loads(told.out)["array"] == 1
    assert crab("array", "1", "--limit", "2").out == "#1 no limit → limit 2\n"
    assert crab("cancel", "--yes", "1").code == 0
    assert crab("wait", "1").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--array", "10-1"], "1-10"),
        (["--array-limit", "3"], "--array"),
        (["--grid", "lr"], "lr=1,2,3"),
        (["--lines", "/nowhere"], "No such file"),
        (["--array", ""], "--array '' has an empty value"),
        (["--array", ","], "--array ',' has an empty value"),
        (["--array", "a,,b"], "--array 'a,,b' has an empty value"),
        (["--grid", "lr=,"], "lr=1,2,3"),
        (["--array", "1", "--stop-after", "x"], "--stop-after"),
        (["--array", "1-2", "--array-limit", "0"], "limit 0"),
    ],
)
def test_what_is_wrong_is_said(
    crab: Crab, daemon: RealDaemon, words: list[str], said: str
) -> None:
    ran = crab("submit", *words, "--", "true")
    assert ran.code == 2
    assert said in ran.err
    assert daemon.count("") == 0


def test_a_line_that_cannot_be_a_value_is_told_by_its_number_in_the_file(
    crab: Crab, daemon: RealDaemon, tmp_path: Path
) -> None:
    file = tmp_path / "names"
    file.write_bytes(b"one\r\n\n  \ntwo\nth\x07ree\n")
    ran = crab("submit", "--lines", str(file), "--", "true")
    assert ran.code == 2
    assert f"--lines {file}, line 5: has the character '\\x07' at place 3" in ran.err
    assert daemon.count("") == 0
    file.write_bytes(b"one\r\n\n  \ntwo\n")
    assert crab("submit", "--lines", str(file), "--hold", "--", "true").code == 0
    assert daemon.count("array:1") == 2
