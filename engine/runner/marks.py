"""Which attempt of a spool a process belongs to, by the mark that its environment carries."""

import os
from pathlib import Path


class Marks:
    """Reads marks of one spool; those of other users' processes cannot be read."""

    def __init__(self, root: Path) -> None:
        self._begin = b"\0CRAB_MARK=" + os.fsencode(root) + b"/a/"

    def of(self, pid: int) -> str | None:
        """The attempt that a process says it is of; None if it does not say."""
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
                environment = b"\0" + file.read()
        except OSError:
            return None
        at = environment.find(self._begin)
        if at < 0:
            return None
        name = environment[at + len(self._begin) :].split(b"\0", 1)[0]
        return name[:-1].decode("ascii", "replace") if name.endswith(b":") else None

    def is_ours(self, pid: int) -> bool:
        """Whether a process, or the leader of its session, is of an attempt of this spool."""
        if self.of(pid) is not None:
            return True
        try:
            return self.of(os.getsid(pid)) is not None
        except OSError:
            return False
