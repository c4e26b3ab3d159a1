"""Workspaces: a worktree for each attempt, on every kind of host."""

from pathlib import Path

import pytest

from engine.model.workspaces import Keep, Workspace
from tests.engine.backends.hands import Hands
from tests.kit.repositories import a_repository, commit, git, worktrees
from tests.kit.waiting import wait_until

SHOW = "cat file; git rev-parse HEAD; pwd -P; echo $CRAB_WORKSPACE; echo $CRAB_REVISION"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "it's a repo")


async def test_a_worktree_at_a_revision(hands: Hands, repo: Path, root: Path) -> None:
    at = git(repo, "rev-parse", "v1")
    (repo / "file").write_text("dirty\n")
    report = await hands.sh(SHOW, workspace=Workspace(repo=str(repo), revision="v1"))
    end = await hands.end(report)
    assert (end.code, end.revision, end.message) == (0, at, "")
    place = str(root / "w" / report.attempt)
    assert (await hands.log(report)).decode().splitlines() == ["one", at, place, place, at]
    assert await hands.log(report, "err") == b""
    wait_until(lambda: worktrees(repo) == [])
    wait_until(lambda: list((root / "w").iterdir()) == [])
    assert git(repo, "status", "--short") == " M file"
    assert (repo / "file").read_text() == "dirty\n"


async def test_head_if_nothing_is_said(hands: Hands, repo: Path) -> None:
    end = await hands.run("cat", "file", workspace=Workspace(repo=str(repo)))
    assert (end.code, end.revision) == (0, git(repo, "rev-parse", "HEAD"))


@pytest.mark.parametrize("script", ["exit 3", "kill -9 $$", "chmod -w .; rm -f .git; exit 1"])
async def test_it_goes_after_failure(hands: Hands, repo: Path, root: Path, script: str) -> None:
    end = await hands.end(await hands.sh(script, workspace=Workspace(repo=str(repo))))
    assert (end.code, end.signal) != (0, None)
    wait_until(lambda: worktrees(repo) == [] and list((root / "w").iterdir()) == [])


@pytest.mark.parametrize(
    ("keep", "script", "stays"),
    [
        (Keep.FAILED, "exit 1", True),
        (Keep.FAILED, "exit 0", False),
        (Keep.ALWAYS, "exit 0", True),
    ],
)
async def test_it_can_be_kept(
    hands: Hands, repo: Path, root: Path, keep: Keep, script: str, stays: bool
) -> None:
    workspace = Workspace(repo=str(repo), keep=keep)
    report = await hands.sh(script, workspace=workspace)
    await hands.end(report)
    place = root / "w" / report.attempt
    wait_until(lambda: not place.with_name(f"{place.name}.of").exists())
    assert (place / "file").exists() == stays
    assert worktrees(repo) == ([str(place)] if stays else [])
    await hands.backend.tidy([report.attempt])
    assert (place / "file").exists() == stays
    await hands.backend.forget(report.attempt, hands.epoch)
    wait_until(lambda: worktrees(repo) == [] and list((root / "w").iterdir()) == [])


@pytest.mark.parametrize(
    ("repo_name", "revision", "said"),
    [
        ("repo", "nope", "it has no revision nope"),
        ("repo", "v1:file", "'v1:file' is no revision"),
        ("none", "", "there is no git repository at "),
        ("plain", "", "there is no git repository at "),
    ],
)
async def test_what_cannot_be_had(
    hands: Hands, tmp_path: Path, root: Path, repo_name: str, revision: str, said: str
) -> None:
    a_repository(tmp_path / "repo")
    (tmp_path / "plain").mkdir()
    workspace = Workspace(repo=str(tmp_path / repo_name), revision=revision)
    end = await hands.run("true", workspace=workspace)
    assert (end.why, end.code, end.signal, end.revision) == ("workspace", None, None, "")
    assert said in end.message
    assert end.message.startswith(f"cannot make a workspace of {tmp_path / repo_name}: ")
    assert not (root / "w").exists() or list((root / "w").iterdir()) == []


async def test_a_command_that_is_not_there(hands: Hands, repo: Path) -> None:
    end = await hands.run("nope", workspace=Workspace(repo=str(repo)))
    assert (end.why, end.code) == ("nospawn", None)
    assert "nope" in end.message


async def test_an_address_is_cloned_once_and_then_fetched(
    hands: Hands, repo: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base of 'clones'"
    here = Workspace(repo=f"file://{repo}", revision="main", base=str(base))
    first = await hands.run("cat", "file", workspace=here)
    assert (first.code, first.revision) == (0, git(repo, "rev-parse", "main"))
    clone = base / repo.name
    assert git(clone, "config", "remote.origin.url") == here.repo
    newer = commit(repo, "three")
    second = await hands.run("cat", "file", workspace=here)
    assert (second.code, second.revision) == (0, newer)
    by_name = Workspace(repo=repo.name, revision=newer, base=str(base))
    assert (await hands.run("true", workspace=by_name)).revision == newer
    assert sorted(entry.name for entry in base.iterdir()) == [repo.name]


async def test_a_missing_revision_is_fetched(hands: Hands, repo: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    await hands.run("true", workspace=Workspace(repo=f"file://{repo}", base=str(base)))
    git(repo, "checkout", "-q", "-b", "later")
    newer = commit(repo, "three")
    for revision in ("later", newer, "v1"):
        workspace = Workspace(repo=repo.name, revision=revision, base=str(base))
        assert (await hands.run("true", workspace=workspace)).code == 0


async def test_an_origin_that_does_not_answer_may_later(hands: Hands, tmp_path: Path) -> None:
    base = tmp_path / "base"
    nowhere = Workspace(repo=f"file://{tmp_path}/none", base=str(base))
    end = await hands.run("true", workspace=nowhere)
    assert end.why == "fetch"
    assert "none" in end.message
    a_repository(tmp_path / "none")
    assert (await hands.run("true", workspace=nowhere)).code == 0


async def test_another_clone_of_that_name(hands: Hands, repo: Path, tmp_path: Path) -> None:
    other = a_repository(tmp_path / "other" / repo.name)
    base = str(tmp_path / "base")
    await hands.run("true", workspace=Workspace(repo=f"file://{repo}", base=base))
    end = await hands.run("true", workspace=Workspace(repo=f"file://{other}", base=base))
    assert end.why == "workspace"
    assert f"is a clone of file://{repo}" in end.message


async def test_twenty_at_once_in_one_repository(
    hands: Hands, repo: Path, root: Path, tmp_path: Path
) -> None:
    here = Workspace(repo=f"file://{repo}", revision="v1", base=str(tmp_path / "base"))
    orders = [hands.order("cat", "file", workspace=here) for _ in range(20)]
    reports = await hands.backend.start(orders)
    for report in reports:
        assert not isinstance(report, Exception)
        assert (await hands.end(report, 60)).code == 0
        assert await hands.log(report) == b"one\n"
    clone = tmp_path / "base" / repo.name
    wait_until(lambda: worktrees(clone) == [] and list((root / "w").iterdir()) == [])
    assert not (clone / ".git" / "crabtui.lock").is_symlink()


async def test_the_job_is_what_it_would_be_elsewhere(hands: Hands, repo: Path) -> None:
    env = (("PATH", "/usr/bin:/bin"), ("A_B", "it's\n$x"), ("GIT_DIR", "/nowhere"))
    report = await hands.start(
        "/usr/bin/env", "-0", env=env, workspace=Workspace(repo=str(repo))
    )
    assert (await hands.end(report)).code == 0
    entries = dict(
        entry.decode().split("=", 1) for entry in (await hands.log(report)).split(b"\0")[:-1]
    )
    assert dict(env).items() <= entries.items()
    added = set(entries) - set(dict(env))
    shells = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert added - shells == {"CRAB_MARK", "CRAB_WORKSPACE", "CRAB_REVISION"}


async def test_it_has_its_input_and_a_path_of_its_own(hands: Hands, repo: Path) -> None:
    here = Workspace(repo=str(repo))
    env = (("PATH", "/nowhere"),)
    report = await hands.start("/bin/cat", env=env, stdin="said", workspace=here)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report) == b"said"
