"""Tells when processes end, on any host: by the kernel, else by looking now and then."""

import os
import resource
import time

from engine.runner.exits import Check, Ended, Exits, reap

LOOK_S = 0.5
"""How often those are looked at of which the kernel cannot tell."""

_KEPT_DESCRIPTORS = 64
"""Of all that this process may open: for files, not for processes that are watched."""


class Ends:
    """As `exits.Exits`, but it can always watch one more."""

    def __init__(self) -> None:
        self._exits = Exits()
        self._told_by_kernel = 0
        self._looked_at: dict[int, tuple[Check, Ended]] = {}
        self._next_look_s = 0.0
        self._most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _KEPT_DESCRIPTORS

    def fileno(self) -> int:
        """Readable when `take` has something to tell."""
        return self._exits.fileno()

    def take(self) -> None:
        """Tell of some of those that have ended."""
        self._exits.take()

    @property
    def wait_s(self) -> float | None:
        """How soon `look_if_due` wants to be called; None: it need not be."""
        if not self._looked_at:
            return None
        return max(0.0, self._next_look_s - time.monotonic())

    def watch(self, pid: int, is_it: Check, ended: Ended) -> bool:
        """As `Exits.watch`, but never an error."""
        if self._told_by_kernel < self._most:
            try:
                return self._by_kernel(pid, is_it, ended)
            except (OSError, AttributeError):  # an old kernel, or a Python made for one
                self._most = self._told_by_kernel
        if not _is_there(pid) or not is_it():
            return False
        self._looked_at[pid] = is_it, ended
        return True

    def _by_kernel(self, pid: int, is_it: Check, ended: Ended) -> bool:
        watched = self._exits.watch(pid, is_it, self._counted(ended))
        self._told_by_kernel += watched
        return watched

    def _counted(self, ended: Ended) -> Ended:
        def on_end() -> None:
            self._told_by_kernel -= 1
            ended()

        return on_end

    def look_if_due(self) -> None:
        """Look at those of which the kernel does not tell, every LOOK_S."""
        if self.wait_s != 0.0:
            return
        self._next_look_s = time.monotonic() + LOOK_S
        for pid, (is_it, ended) in list(self._looked_at.items()):
            if not _is_there(pid) or not is_it():
                del self._looked_at[pid]
                ended()


def _is_there(pid: int) -> bool:
    """Whether it lives, or is somebody else's to bury."""
    if reap(pid):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
