"""The coding agent's example, with an agent that is a script, on a real repository."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.daemon import RealDaemon
from tests.kit.repositories import git

SCRIPT = Path(__file__).with_name("coding_agent.py")

AGENT = """
told=$(cat)
case $told in
    *"Change nothing"*) echo "sums.py subtracts: let it add" ;;
    *"let it add"*) printf 'def add(a, b):\\n    return a %s b\\n' "$1" > sums.py ;;
    *) exit 9 ;;
esac
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "sums.py").write_text("def add(a, b):\n    return a - b\n")
    (folder / "test_sums.py").write_text("from sums import add\n\nassert add(2, 3) == 5\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "It adds")
    return folder


def work(folder: Path, repo: Path, sign: str) -> "subprocess.CompletedProcess[str]":
    agent = folder / "agent.sh"
    agent.write_text(AGENT)
    words = ["Let 2 + 3 be 5", f"sh {agent} '{sign}'", f"{sys.executable} test_sums.py"]
    with RealDaemon(folder) as daemon:
        return subprocess.run(
            [sys.executable, SCRIPT, daemon.state, repo, *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def test_it_prints_a_patch_that_passes(tmp_path: Path, repo: Path) -> None:
    done = work(tmp_path, repo, "+")
    assert done.returncode == 0, done.stderr
    assert "summarize: succeeded" in done.stderr
    assert git(repo, "status", "--short") == ""
    (tmp_path / "patch").write_text(done.stdout)
    git(repo, "apply", str(tmp_path / "patch"))
    assert "return a + b" in (repo / "sums.py").read_text()


def test_it_fails_with_a_patch_that_does_not(tmp_path: Path, repo: Path) -> None:
    done = work(tmp_path, repo, "*")
    assert done.returncode == 1
    assert "test: failed" in done.stderr
    assert "+    return a * b" in done.stdout
