"""Processes that a daemon has left behind: they end before a new one tells what is lost."""

import logging
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

log = logging.getLogger(__name__)

MARK: Final = "CRAB_POOL"
"""In the environment of a pool's processes, and of what their calls start: its folder."""


class Book:
    """The file in which the processes of a pool stand, each with when it began."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, pid: int) -> None:
        """This one was spawned."""
        with suppress(psutil.Error, OSError), self._file.open("a") as book:
            book.write(f"{pid} {psutil.Process(pid).create_time()}\n")

    def end_all(self) -> None:
        """Kill those that are still there, with all that they started, and begin anew."""
        for pid, began in self._read():
            with suppress(psutil.Error, OSError):
                if self._is_ours(pid, began):
                    log.warning("process %d of the last daemon's pool is ended", pid)
                    os.killpg(pid, signal.SIGKILL)
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _is_ours(self, pid: int, began: float) -> bool:
        """Whether a process of a pool, or a child of its calls, is in the group `pid`."""
        try:
            return abs(psutil.Process(pid).create_time() - began) < 1.0
        except psutil.NoSuchProcess:
            return any(self._is_marked(one) for one in _members(pid))

    def _is_marked(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return process.environ().get(MARK) == str(self._file.parent)
        return False

    def _read(self) -> Iterable[tuple[int, float]]:
        try:
            lines = self._file.read_text().splitlines()
        except OSError:
            return
        for line in lines:
            with suppress(ValueError):
                pid, began = line.split()
                yield int(pid), float(began)


def _members(group: int) -> Iterable[psutil.Process]:
    """What is in a process group now."""
    for process in psutil.process_iter():
        with suppress(OSError):
            if os.getpgid(process.pid) == group:
                yield process
