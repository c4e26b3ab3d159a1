"""Attempts that stand still: STOP to all of one, with a record of it, and CONT."""

import subprocess
from pathlib import Path

from engine.runner import verbs
from engine.runner.faults import BadRequestError
from engine.runner.records import Status
from engine.runner.spool import Spool

_LIVE = ("running", "orphan")


def pause(
    spool: Spool, attempt: str, epoch: int, *, clocks_too: bool, sh: str = "/bin/sh"
) -> Status:
    """Stop all processes of a running attempt; its state then.

    Args:
        spool: Where it is.
        attempt: Which; one that has ended is left as it is.
        epoch: Of who asks.
        clocks_too: Its timeouts stand still meanwhile; its lease never does.
        sh: The shell that runs the runner's own scripts.

    Raises:
        StaleError: a newer epoch has been here.
        BadRequestError: it does not run yet, or never did.
        OSError: it could not be recorded; nothing is known.
    """
    return _carry_out(spool, attempt, epoch, sh, "pause", str(int(clocks_too)))


def resume(spool: Spool, attempt: str, epoch: int, *, sh: str = "/bin/sh") -> Status:
    """Let all processes of an attempt go on; its state then. Raises as `pause` does."""
    return _carry_out(spool, attempt, epoch, sh, "resume")


def _carry_out(spool: Spool, attempt: str, epoch: int, sh: str, *words: str) -> Status:
    spool.check_epoch(epoch)
    now = verbs.status(spool, attempt)
    if now.ended:
        return now
    if now.state not in _LIVE:
        raise BadRequestError(f"attempt {attempt} is {now.state}; only what runs {words[0]}s")
    _run([sh, f"{spool.scripts}/pausing.sh", str(spool.folder(attempt)), *words])
    return verbs.status(spool, attempt)


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env={}, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise OSError(f"{Path(command[1]).name}: {said or f'exit {done.returncode}'}")
