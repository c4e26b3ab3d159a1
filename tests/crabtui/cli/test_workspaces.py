"""Workspaces from the command line to the worktree, on a real daemon."""

import json
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.repositories import a_repository, git, worktrees
from tests.kit.waiting import wait_until


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "re po")


def test_a_job_runs_at_a_revision(crab: Crab, daemon: RealDaemon, repo: Path) -> None:
    assert daemon.is_running
    ran = crab("run", "--workspace", f"{repo}@v1", "--shell", "cat file; pwd")
    at = git(repo, "rev-parse", "v1")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "one"
    assert "/w/" in ran.out
    assert f"{repo}@v1 ({at})" in crab("show", "1").out
    told = json.loads(crab("show", "1", "--json").out)
    assert told["job"]["workspace"] == {"repo": str(repo), "revision": "v1"}
    assert [attempt["revision"] for attempt in told["attempts"]] == [at]
    events = map(json.loads, crab("events", "--job", "1", "--json").out.splitlines())
    assert at in [event["data"].get("revision") for event in events]
    wait_until(lambda: worktrees(repo) == [])


def test_a_relative_path_is_that_of_the_submitter(
    crab: Crab, daemon: RealDaemon, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.is_running
    monkeypatch.chdir(repo)
    assert crab("run", "--workspace", ".", "cat", "file").out == "two\n"
    assert crab("run", "--workspace", "../re po@v1", "cat", "file").out == "one\n"


def test_what_failed_is_kept_if_asked(crab: Crab, daemon: RealDaemon, repo: Path) -> None:
    assert daemon.is_running
    asked = ("--workspace", str(repo), "--keep-workspace", "failed")
    ran = crab("run", *asked, "--shell", "pwd; echo found >evidence; exit 3")
    place = Path(ran.out.strip())
    assert ran.code == 3
    wait_until(lambda: place.with_name(f"{place.name}.kept").exists())
    assert (place / "evidence").read_text() == "found\n"


def test_no_revision_is_no_retry(crab: Crab, daemon: RealDaemon, repo: Path) -> None:
    assert daemon.is_running
    ran = crab("run", "--retries", "3", "--workspace", f"{repo}@nope", "true")
    assert ran.code != 0
    told = json.loads(crab("show", "1", "--json").out)
    assert len(told["attempts"]) == 1
    error = told["attempts"][0]["error"]
    assert (error["code"], error["category"]) == ("workspace", "validation")
    assert "it has no revision nope" in error["message"]
    assert "it has no revision nope" in crab("logs", "1", "--err").out


def test_an_origin_that_is_away_is_tried_again(
    crab: Crab, daemon: RealDaemon, tmp_path: Path
) -> None:
    assert daemon.is_running
    asked = ("--workspace", f"file://{tmp_path}/none", "--workspace-base", str(tmp_path / "b"))
    assert crab("run", "--retries", "1", *asked, "true").code != 0
    told = json.loads(crab("show", "1", "--json").out)
    assert [one["error"]["code"] for one in told["attempts"]] == ["workspace"] * 2


def test_jobs_of_a_file_have_them_too(
    crab: Crab, daemon: RealDaemon, repo: Path, tmp_path: Path
) -> None:
    assert daemon.is_running
    file = tmp_path / "jobs.yaml"
    file.write_text(
        "defaults:\n"
        f"  workspace: {{repo: '{repo}', revision: v1}}\n"
        "jobs:\n"
        "  - shell: cat file\n"
        "  - {shell: cat file, workspace: {repo: '" + str(repo) + "', revision: main}}\n"
    )
    assert crab("submit", "-f", str(file)).code == 0
    assert crab("wait", "1", "2").code == 0
    assert (crab("logs", "1").out, crab("logs", "2").out) == ("one\n", "two\n")


def test_flags_that_make_no_sense(crab: Crab, daemon: RealDaemon, repo: Path) -> None:
    assert daemon.is_running
    ran = crab("submit", "--keep-workspace", "failed", "true")
    assert (ran.code, "goes with --workspace" in ran.err) == (2, True)
    ran = crab("submit", "--workspace", str(repo), "--keep-workspace", "failing", "true")
    assert (ran.code, "'failed'" in ran.err) == (2, True)
    ran = crab("submit", "--workspace", str(repo), "--cwd", "/", "true")
    assert (ran.code, "cwd" in ran.err) == (2, True)
