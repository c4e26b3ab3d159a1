"""Frozen trees go to another machine, and outputs come back from it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab, crab
from tests.kit.daemon import RealDaemon
from tests.kit.sshd import SSHD, Sshd

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


def test_the_same_bytes_run_there_and_what_they_make_comes_home(
    daemon: RealDaemon, host: Sshd, crab: Crab, tmp_path: Path
) -> None:
    assert daemon.is_running
    words = ("workers", "add", "far", host.address, "-i", str(host.client_key))
    assert crab(*words, "--no-ssh-config", "--trust", host.fingerprint).code == 0
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text("one\n")
    frozen = ("--worker", "far", "--freeze", str(tree), "--output", "made.txt")
    for _ in range(2):
        ran = crab("run", *frozen, "--shell", "cat a.txt; tr a-z A-Z < a.txt > made.txt")
        assert (ran.code, ran.out) == (0, "one\n"), ran.err
    [artifact] = json.loads(crab("artifacts", "list", "2", "--json").out)["artifacts"]
    assert crab("artifacts", "get", str(artifact["id"]), "-o", "-").out == "ONE\n"
    blobs = list((tmp_path / "it's far").rglob("blobs/*"))
    assert len([path for path in blobs if len(path.name) == 64]) == 1
