"""Tells when processes end, children of ours or not, without looking again and again."""

import asyncio
import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress

Check = Callable[[], bool]
Ended = Callable[[], None]


class PidfdExits:
    """Linux: one descriptor per process, readable once it has ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._watched: dict[int, int] = {}

    def watch(self, pid: int, is_it: Check, ended: Ended) -> bool:
        """Call `ended` once when process `pid` is no more.

        Args:
            pid: The process; if it is a child of ours, it is reaped then.
            is_it: Asked once, when its end can no longer be missed: is it who was meant?
            ended: Called from the event loop.

        Returns:
            False, and nothing will be called, if it has ended already.
        """
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        if not is_it():
            os.close(fd)
            return False
        self._watched[fd] = pid
        self._loop.add_reader(fd, self._on_end, fd, ended)
        return True

    def close(self) -> None:
        """Watch no longer; nothing more is called."""
        for fd in list(self._watched):
            self._forget(fd)

    def _on_end(self, fd: int, ended: Ended) -> None:
        reap(self._forget(fd))
        ended()

    def _forget(self, fd: int) -> int:
        self._loop.remove_reader(fd)
        os.close(fd)
        return self._watched.pop(fd)


if sys.platform == "darwin":

    class KqueueExits:
        """macOS: one kernel queue for all processes."""

        def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
            self._loop = loop
            self._queue = select.kqueue()
            self._watched: dict[int, Ended] = {}
            loop.add_reader(self._queue.fileno(), self._on_end)

        def watch(self, pid: int, is_it: Check, ended: Ended) -> bool:
            """As `PidfdExits.watch`."""
            event = select.kevent(
                pid,
                select.KQ_FILTER_PROC,
                select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
                select.KQ_NOTE_EXIT,
            )
            try:
                self._queue.control([event], 0)
            except ProcessLookupError:
                return False
            if not is_it():
                return False
            self._watched[pid] = ended
            return True

        def close(self) -> None:
            """As `PidfdExits.close`."""
            self._loop.remove_reader(self._queue.fileno())
            self._queue.close()

        def _on_end(self) -> None:
            for event in self._queue.control([], 64, 0):
                reap(event.ident)
                if ended := self._watched.pop(event.ident, None):
                    ended()

    Exits = KqueueExits
else:
    Exits = PidfdExits


def ours() -> bool:
    """A child that was not reaped yet can be nobody else."""
    return True


def reap(pid: int) -> None:
    """Let an ended child of ours go; anyone else's child is not our business."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
