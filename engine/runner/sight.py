"""One look at this host: load, memory, disk, devices and who else uses them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.runner import identity
from engine.runner.devices import Devices
from engine.runner.marks import Marks

_LINUX: Final = sys.platform.startswith("linux")
_IDLE: Final = slice(3, 5)
"""Of the numbers in the first line of /proc/stat: idle, and idle while a disk works."""
_RECLAIMABLE: Final = ("free", "inactive", "speculative", "purgeable")


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuLook:
    """A device; fields as in engine.model.sight.Device."""

    index: int
    kind: str
    memory_mb: int
    used_mb: int
    foreign_mb: int
    busy_percent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """This host now; fields as in engine.model.sight.Sight, and its own clocks."""

    now_us: int
    uptime_ms: int
    load: float | None
    busy_percent: int | None
    memory_free_mb: int | None
    disk_free_mb: int | None
    devices: tuple[GpuLook, ...] = ()


class Looker:
    """Looks again and again, and remembers what tells how busy it was; not for two threads."""

    def __init__(self, root: Path, devices: Devices) -> None:
        """Look at nothing yet.

        Args:
            root: The spool, which tells what disk counts, and which processes are ours.
            devices: Asked for GPUs.
        """
        self._root = root
        self._devices = devices
        self._marks = Marks(root)
        self._times: tuple[int, int] | None = None

    def look(self) -> Look:
        """How the host is doing; what it does not tell is None."""
        return Look(
            now_us=identity.now_us(),
            uptime_ms=identity.uptime_ms(),
            load=_load(),
            busy_percent=self._busy(),
            memory_free_mb=_memory_free_mb(),
            disk_free_mb=_disk_free_mb(self._root),
            devices=self._gpus(),
        )

    def _busy(self) -> int | None:
        if not _LINUX:
            return _busy_by_ps()
        before, self._times = self._times, cpu_times(_read("/proc/stat"))
        if before is None or self._times is None:
            return None
        all_of_it = self._times[0] - before[0]
        idle = self._times[1] - before[1]
        return round(100 * (all_of_it - idle) / all_of_it) if all_of_it > 0 else None

    def _gpus(self) -> tuple[GpuLook, ...]:
        return tuple(
            GpuLook(
                index=device.index,
                kind=device.kind,
                memory_mb=device.memory_mb,
                used_mb=device.used_mb,
                foreign_mb=device.foreign_mb(self._marks.is_ours),
                busy_percent=device.busy_percent,
            )
            for device in self._devices.now()
        )


def cpu_times(stat: str) -> tuple[int, int] | None:
    """Ticks of all cores since boot, and of them the idle ones; None if it does not say."""
    line = stat.partition("\n")[0].split()
    if len(line) < 6 or line[0] != "cpu":
        return None
    ticks = [int(word) for word in line[1:9]]  # what guests had is in the first two already
    return sum(ticks), sum(ticks[_IDLE])


def free_of_meminfo(text: str) -> int | None:
    """MB that a new process could have, by /proc/meminfo."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def free_of_vm_stat(text: str) -> int | None:
    """MB that a new process could have, by macOS's vm_stat."""
    size = re.search(r"page size of (\d+) bytes", text)
    pages = dict(re.findall(r"^Pages (\w+):\s+(\d+)\.$", text, re.MULTILINE))
    if size is None or "free" not in pages:
        return None
    return sum(int(pages.get(name, 0)) for name in _RECLAIMABLE) * int(size[1]) // (1 << 20)


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _memory_free_mb() -> int | None:
    if _LINUX:
        return free_of_meminfo(_read("/proc/meminfo"))
    return free_of_vm_stat(_told(["vm_stat"]))


def _disk_free_mb(root: Path) -> int | None:
    try:
        disk = os.statvfs(root)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize // (1 << 20)


def _busy_by_ps() -> int | None:
    shares = [float(word) for word in _told(["ps", "-axo", "%cpu="]).split()]
    return min(round(sum(shares) / (os.cpu_count() or 1)), 100) if shares else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _told(command: list[str]) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        check=False,
    )
    return done.stdout
