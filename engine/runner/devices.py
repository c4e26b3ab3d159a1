"""The GPUs of this host, asked for now and then, and never for longer than a timeout."""

import shutil
import time
from pathlib import Path

from engine.runner import nvidia, rocm
from engine.runner.asking import Tool
from engine.runner.device import Device

FRESH_S = 5.0
"""How long an answer counts; drivers are slow to ask."""

_MORE_PLACES = ("/usr/bin", "/usr/local/bin", "/opt/rocm/bin", "/usr/lib/wsl/lib")


class Devices:
    """What the driver said last; not for two threads."""

    def __init__(
        self, *, path: str | None = None, timeout_s: float = 3.0, kfd: Path = rocm.KFD
    ) -> None:
        """Ask nothing yet.

        Args:
            path: Where the drivers' tools are looked for, as in PATH; None: PATH, and where
                they are commonly put.
            timeout_s: A driver that says nothing for so long is given up for this time.
            kfd: Where the kernel tells of AMD's compute processes.
        """
        self._path = path
        self._kfd = kfd
        self._tool = Tool(timeout_s)
        self._asked_s: float | None = None
        self._found: tuple[Device, ...] = ()

    def now(self) -> tuple[Device, ...]:
        """The devices, some seconds old at most; empty if there are none or none is told."""
        now_s = time.monotonic()
        if self._asked_s is None or now_s - self._asked_s > FRESH_S:
            self._found = self._ask()
            self._asked_s = time.monotonic()
        return self._found

    def _ask(self) -> tuple[Device, ...]:
        if smi := self._which("nvidia-smi"):
            return nvidia.devices(smi, self._tool)
        if smi := self._which("rocm-smi"):
            return rocm.devices(smi, self._tool, self._kfd)
        return ()

    def _which(self, name: str) -> str | None:
        if self._path is not None:
            return shutil.which(name, path=self._path)
        return shutil.which(name) or shutil.which(name, path=":".join(_MORE_PLACES))
