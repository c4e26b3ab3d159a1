"""What still runs on behalf of a state directory, and how to end it."""

import os
import signal
from pathlib import Path

import psutil

from tests.kit.waiting import PATIENCE_S, wait_until


def job_processes(state: Path) -> list[psutil.Process]:
    """Jobs and supervisors of this state directory, whoever their parent is."""
    return [process for process in psutil.process_iter() if _belongs(process, state)]


def end_all(state: Path, *, timeout_s: float = PATIENCE_S) -> None:
    """Kill every job and supervisor of this state directory, and see them gone."""

    def none_left() -> bool:
        left = job_processes(state)
        for process in left:
            _kill(process.pid)
        return not left

    wait_until(none_left, timeout_s=timeout_s, what=f"no process of {state}")


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _belongs(process: psutil.Process, state: Path) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        environ = process.environ()
        return (
            environ.get("CRAB_STATE") == str(state)
            or environ.get("CRAB_MARK", "").startswith(f"{state}/spool/")
            or any(word.startswith(f"{state}/spool/") for word in process.cmdline())
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
