"""Artifacts, frozen trees, reused results and differences, from command line to disk."""

import json
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import wait_until

MAKE = "mkdir -p out; echo '<testsuites/>' > report.xml; printf hello > out/a.txt"


def made(crab: Crab, *flags: str, line: str = MAKE, job: int = 1) -> None:
    """A job that has ended, and whose outputs, if it has any, are here: which is later."""
    told = crab("run", *flags, "--shell", line)
    assert told.code == 0, told.err
    if "--output" in flags:
        wait_until(lambda: _are_here(crab, job), what=f"artifacts of #{job}")


def _are_here(crab: Crab, job: int) -> bool:
    return bool(json.loads(crab("artifacts", "list", str(job), "--json").out)["artifacts"])


def test_artifacts_are_listed_shown_and_got(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made(crab, "--output", "junit:report.xml", "--output", "out/*.txt", "--output", "no.txt")
    listed = json.loads(crab("artifacts", "list", "1", "--json").out)
    assert {one["path"]: one["type"] for one in listed["artifacts"]} == {
        "report.xml": "junit",
        "out/a.txt": "other",
    }
    assert listed["collections"][0]["missing"] == ["no.txt"]
    assert "no file matched no.txt" in crab("artifacts", "list", "1").out
    assert "no file matched no.txt" in crab("show", "1").out
    [one] = json.loads(crab("artifacts", "list", "--type", "junit", "--json").out)["artifacts"]
    assert "<testsuites/>" in crab("artifacts", "show", str(one["id"])).out
    got = crab("artifacts", "get", "--job", "1", "-o", str(tmp_path / "got"))
    assert got.code == 0, got.err
    assert (tmp_path / "got" / "out" / "a.txt").read_text() == "hello"
    assert crab("artifacts", "get", str(one["id"]), "-o", "-").out == "<testsuites/>\n"


def test_what_is_there_is_not_overwritten_unasked(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made(crab, "--output", "out/a.txt")
    target = tmp_path / "got" / "a.txt"
    target.parent.mkdir()
    target.write_text("mine")
    refused = crab("artifacts", "get", "--job", "1", "-o", str(target.parent))
    assert refused.code == 2
    assert "is there already" in refused.err
    assert target.read_text() == "mine"
    assert crab("artifacts", "get", "--job", "1", "-o", str(target.parent), "-f").code == 0
    assert target.read_text() == "hello"


def test_no_artifact_replaces_another(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made(crab, "--output", "out/a.txt")
    made(crab, "--output", "out/a.txt", line="echo other > out/a.txt", job=2)
    got = crab("artifacts", "get", "1", "2", "-f", "-o", str(tmp_path / "got"))
    assert got.code == 2
    assert "artifacts 1 and 2 would both be" in got.err
    assert not (tmp_path / "got").exists()


def test_all_of_very_many_are_got(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made(
        crab,
        "--output",
        "many",
        line="mkdir many; cd many; seq 1005 | while read -r n; do echo $n > $n; done",
    )
    got = crab("artifacts", "get", "--job", "1", "-o", str(tmp_path / "got"))
    assert got.code == 0, got.err
    assert len(list((tmp_path / "got" / "many").iterdir())) == 1005


def test_nothing_commands_a_terminal(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made(crab, "--output", "a", line=r"printf '\033]0;owned\007said' > a")
    assert crab("artifacts", "get", "1", "-o", "-").out == "\x1b]0;owned\x07said"
    shown = crab("artifacts", "show", "1").out
    assert "\x1b" not in shown
    assert "said" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--type", "junti"], "did you mean 'junit'?"),
        (["list", "99"], "there is no job #99"),
        (["show", "x"], "is no id of an artifact"),
        (["get"], "say which"),
    ],
)
def test_what_cannot_be_is_said(
    crab: Crab, daemon: RealDaemon, words: list[str], said: str
) -> None:
    assert daemon.is_running
    told = crab("artifacts", *words)
    assert told.code in (2, 3)
    assert said in told.err


def test_a_frozen_tree_runs_as_it_was_and_differs_from_the_next(
    crab: Crab, daemon: RealDaemon, tmp_path: Path
) -> None:
    assert daemon.is_running
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text("one\n")
    frozen = ("--freeze", str(tree), "--hold")
    assert crab("submit", *frozen, "--", "cat", "a.txt").code == 0
    (tree / "a.txt").write_text("two\n")
    assert crab("submit", *frozen, "--", "cat", "a.txt").code == 0
    for job, text in (("1", "one\n"), ("2", "two\n")):
        crab("release", job)
        assert crab("wait", job).code == 0
        assert crab("logs", job).out == text
    told = crab("diff", "1", "2")
    assert told.code == 1
    assert "-one" in told.out
    assert "+two" in told.out
    same = crab("diff", "1.1", "1")
    assert (same.code, same.out.splitlines()[-1]) == (0, "nothing differs")
    assert "has no attempt 7" in crab("diff", "1.7", "1").err


def test_a_result_is_reused_and_said_to_be(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    made(crab, "--memo", "1h", line="echo ran")
    again = crab("run", "--memo", "1h", "--shell", "echo ran")
    assert (again.code, again.out) == (0, "ran\n")
    assert crab("logs", "2").out == "ran\n"
    assert "reused from #1" in again.err
    counts = json.loads(crab("cache", "stats", "--json").out)["counts"]
    assert [(one["hits"], one["misses"]) for one in counts if one["kind"] == "memo"] == [(1, 1)]
    assert crab("cache", "clear", "--results").code == 2
    assert "forgot 1 results" in crab("cache", "clear", "--results", "-y").out
    assert crab("run", "--memo", "1h", "--shell", "echo ran").out == "ran\n"


def test_a_build_cache_is_there_for_the_next_one(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        made(crab, "--cache", "deps=deps", line="test -e deps/x || (mkdir deps; >deps/x)")
    [count] = json.loads(crab("cache", "stats", "--json").out)["counts"][-1:]
    assert (count["kind"], count["name"], count["hits"], count["misses"]) == (
        "build",
        "deps",
        1,
        1,
    )
