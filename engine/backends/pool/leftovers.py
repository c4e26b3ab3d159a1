"""Processes that a daemon has left behind: they end before a new one tells what is lost."""

import logging
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

log = logging.getLogger(__name__)


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
                if abs(psutil.Process(pid).create_time() - began) < 1.0:
                    log.warning("process %d of the last daemon's pool is ended", pid)
                    os.killpg(pid, signal.SIGKILL)
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _read(self) -> Iterable[tuple[int, float]]:
        try:
            lines = self._file.read_text().splitlines()
        except OSError:
            return
        for line in lines:
            with suppress(ValueError):
                pid, began = line.split()
                yield int(pid), float(began)
