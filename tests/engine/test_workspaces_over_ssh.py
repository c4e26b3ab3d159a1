"""Workspaces on another machine: where its clones are, and a link that breaks meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.messages import ListWorkers
from tests.crabtui.cli.conftest import Crab, crab
from tests.kit.daemon import RealDaemon
from tests.kit.repositories import a_repository, git, worktrees
from tests.kit.sshd import SSHD, Sshd
from tests.kit.waiting import wait_until

__all__ = ["crab"]

pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd")


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealDaemon]:
    running = RealDaemon(tmp_path).start()
    monkeypatch.setenv("CRABTUI_STATE", str(running.state))
    yield running
    running.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Sshd]:
    folder = tmp_path / "h"
    folder.mkdir()
    with Sshd(folder, home=tmp_path / "it's far") as running:
        yield running


def state_of(daemon: RealDaemon) -> str:
    with daemon.client() as client:
        views = client.call(ListWorkers()).workers
    return next((view.link.state for view in views if view.name == "far" and view.link), "none")


def test_a_clone_over_there_outlives_the_link(
    daemon: RealDaemon, host: Sshd, crab: Crab, tmp_path: Path
) -> None:
    repo = a_repository(tmp_path / "app")
    words = ("workers", "add", "far", host.address, "-i", str(host.client_key))
    more = ("--no-ssh-config", "--clone-base", "~/my clones", "--trust", host.fingerprint)
    assert crab(*words, *more).code == 0
    asked = ("--worker", "far", "--workspace", f"file://{repo}@v1")
    ran = crab("run", *asked, "--", "cat", "file")
    assert (ran.code, ran.out) == (0, "one\n"), ran.err
    clone = tmp_path / "it's far" / "my clones" / "app"
    wait_until(lambda: worktrees(clone) == [])
    go = tmp_path / "go"
    script = f"echo $CRAB_REVISION; until [ -e '{go}' ]; do sleep 0.1; done"
    assert crab("submit", *asked, "--shell", script).out == "#2\n"
    at = git(repo, "rev-parse", "v1")
    wait_until(lambda: crab("logs", "2").out == f"{at}\n")
    host.kill_children()
    go.touch()
    wait_until(lambda: state_of(daemon) == "connected", what="the link")
    daemon.wait_state(2, "succeeded")
    assert at in crab("show", "2").out
    wait_until(lambda: worktrees(clone) == [])
