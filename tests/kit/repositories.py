"""Real git repositories for tests."""

import os
import subprocess
from pathlib import Path

_WHO = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
_ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *words: str) -> str:
    """What git says there, without the newline at its end."""
    done = subprocess.run(
        ["git", *_WHO, *words],
        cwd=folder,
        env=_ENV,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def a_repository(folder: Path, text: str = "one") -> Path:
    """A repository with the tag `v1` on its first commit, and a second one after it."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, text)
    git(folder, "tag", "v1")
    commit(folder, "two")
    return folder


def commit(folder: Path, text: str) -> str:
    """Write `text` into `file` and commit that; the commit."""
    (folder / "file").write_text(f"{text}\n")
    git(folder, "add", "file")
    git(folder, "commit", "-q", "-m", text)
    return git(folder, "rev-parse", "HEAD")


def worktrees(folder: Path) -> list[str]:
    """Folders of all worktrees that the repository knows, but its own."""
    lines = git(folder, "worktree", "list", "--porcelain").splitlines()
    found = [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
    return found[1:]
