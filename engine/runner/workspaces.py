"""Worktrees that attempts left behind: put away by a process that nobody waits for."""

import os
import subprocess

from engine.runner import identity
from engine.runner.spool import Spool

_DETACHED = 'exec /bin/sh "$@" &'


def sweep(spool: Spool, attempt: str) -> None:
    """After an attempt is gone whose supervisor did not end well: its worktree, too."""
    if os.path.exists(_place(spool, attempt, "of")):  # noqa: PTH110
        _have(spool, "sweep", "-")


def drop(spool: Spool, attempt: str) -> None:
    """Remove the worktree of a forgotten attempt, even one that was kept."""
    if any(os.path.exists(_place(spool, attempt, kind)) for kind in ("of", "kept")):  # noqa: PTH110
        _have(spool, "drop", attempt)


def _place(spool: Spool, attempt: str, kind: str) -> str:
    return f"{spool.root}/w/{attempt}.{kind}"


def _have(spool: Spool, verb: str, attempt: str) -> None:
    """Repeated by the next attempt in that repository, if it comes to nothing."""
    script = f"{spool.scripts}/workspace.sh"
    detach(script, verb, str(spool.root), attempt, identity.ident())


def detach(*words: str) -> None:
    """Run a script of the spool, whose work nobody waits for."""
    subprocess.run(
        ["/bin/sh", "-c", _DETACHED, "sh", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
        check=False,
    )
