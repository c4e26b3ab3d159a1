"""What this machine has and what is free of it, by the standard library alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_MB = 1 << 20
_LINUX = sys.platform.startswith("linux")


def cores() -> int:
    """Cores that we may use."""
    return len(os.sched_getaffinity(0)) if _LINUX else os.cpu_count() or 1


def memory_mb() -> int:
    """All memory that the machine has."""
    if not _LINUX:
        return int(_said(["sysctl", "-n", "hw.memsize"]) or 0) // _MB
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, amount, *_ = line.split()
        if name == "MemTotal:":
            return int(amount) // 1024
    return 0


def disk_free_mb(folder: Path) -> int:
    """What we may still write on the disk of a folder."""
    return shutil.disk_usage(folder).free // _MB


def _said(command: list[str]) -> str:
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, env=path, check=False)
    return done.stdout.strip()
