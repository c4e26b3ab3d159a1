"""Why attempts ended, where the exit record alone does not say it: for want of memory."""

from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

from engine.runner import memory
from engine.runner.records import Status, read_exit


class Verdicts:
    """Remembers which ends were the kernel's doing."""

    def __init__(self) -> None:
        self._kernel_kills = memory.kernel_kills()
        self._killed: set[str] = set()

    def exit_of(self, folder: Path, attempt: str) -> Status | None:
        """The state of an attempt whose supervisor has just gone; None: `status` must look."""
        try:
            status = read_exit(folder, attempt)
        except OSError:
            return None
        if status is None:
            return None
        self._note(status)
        return self.judged(folder, status)

    def judged(self, folder: Path, status: Status) -> Status:
        """`status`, with why `oom` or `gpuoom` if it failed and the evidence is there."""
        if status.state != "exited" or status.why is not None or status.code == 0:
            return status
        if memory.complained_of_device(folder):
            return replace(status, why="gpuoom")
        if status.attempt in self._killed or memory.complained(folder):
            return replace(status, why="oom")
        return status

    def forget(self, attempt: str) -> None:
        """It is cleaned up."""
        self._killed.discard(attempt)

    def _note(self, status: Status) -> None:
        """A kill by the kernel counts for one attempt: the first that was seen to end so."""
        if status.signal != SIGKILL or status.why is not None:
            return
        if memory.kernel_kills() > self._kernel_kills:
            self._kernel_kills += 1
            self._killed.add(status.attempt)
