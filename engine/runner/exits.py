"""Tells when processes end, children of ours or not, without looking again and again."""

import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress

Check = Callable[[], bool]
Ended = Callable[[], None]

_AT_ONCE = 64
"""Ends that are told before other work gets its turn."""


class PidfdExits:
    """Linux: one descriptor per process, readable once it has ended; one queue for all."""

    def __init__(self) -> None:
        self._queue = select.epoll()
        self._watched: dict[int, tuple[int, Ended]] = {}

    def fileno(self) -> int:
        """Readable when `take` has something to tell."""
        return self._queue.fileno()

    def watch(self, pid: int, is_it: Check, ended: Ended) -> bool:
        """Call `ended` once when process `pid` is no more.

        Args:
            pid: The process; if it is a child of ours, it is reaped then.
            is_it: Asked once, when its end can no longer be missed: is it who was meant?
            ended: Called by `take`.

        Returns:
            False, and nothing will be called, if it has ended already.

        Raises:
            OSError: the system cannot watch it.
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
        self._queue.close()
        for fd in self._watched:
            os.close(fd)
        self._watched.clear()

    def take(self) -> None:
        """Tell of some of those that have ended."""
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

        def __init__(self) -> None:
            self._queue = select.kqueue()
            self._watched: dict[int, Ended] = {}

        def fileno(self) -> int:
            """As `PidfdExits.fileno`."""
            return self._queue.fileno()

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
            self._queue.close()

        def take(self) -> None:
            """As `PidfdExits.take`."""
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


def reap(pid: int) -> bool:
    """Let an ended child of ours go; whether it was one. Anyone else's is not our business."""
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False
