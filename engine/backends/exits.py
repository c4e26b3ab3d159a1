"""Tells when processes end, children of ours or not, without looking again and again."""

import asyncio
import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress

Check = Callable[[], bool]
Ended = Callable[[], None]

_AT_ONCE = 64
"""Ends that are told before other work of the event loop gets its turn."""


class PidfdExits:
    """Linux: one descriptor per process, readable once it has ended; one queue for all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue = select.epoll()
        self._watched: dict[int, tuple[int, Ended]] = {}
        loop.add_reader(self._queue.fileno(), self._on_end)

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
        self._watched[fd] = pid, ended
        self._queue.register(fd, select.EPOLLIN)
        return True

    def close(self) -> None:
        """Watch no longer; nothing more is called."""
        self._loop.remove_reader(self._queue.fileno())
        self._queue.close()
        for fd in self._watched:
            os.close(fd)
        self._watched.clear()

    def _on_end(self) -> None:
        for fd, _ in self._queue.poll(0, _AT_ONCE):
            pid, ended = self._forget(fd)
            reap(pid)
            ended()

    def _forget(self, fd: int) -> tuple[int, Ended]:
        self._queue.unregister(fd)  # a process that is just being made may have it open too
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
            for event in self._queue.control([], _AT_ONCE, 0):
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
