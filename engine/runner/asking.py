"""Ask a tool of the host that may never answer: the driver beneath it can hang."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from signal import SIGKILL


class Tool:
    """A program that is asked now and then; while one call of it hangs, no other begins."""

    def __init__(self, timeout_s: float = 3.0) -> None:
        self._timeout_s = timeout_s
        self._hung: subprocess.Popen[bytes] | None = None

    def ask(self, argv: Sequence[str]) -> str | None:
        """What it printed; None if it failed, or did not answer in time.

        A process that cannot even be killed, as its driver holds it, is not waited for.
        """
        if self._hung is not None and self._hung.poll() is None:
            return None
        self._hung = None
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return None
        try:
            told, _ = process.communicate(timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            self._give_up(process)
            return None
        return told.decode("utf-8", "replace") if process.returncode == 0 else None

    def _give_up(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, SIGKILL)
        if process.stdout is not None:
            process.stdout.close()
        self._hung = process
