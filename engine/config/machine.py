"""What this machine has, as far as it can be measured; devices are told by the operator."""

import os
import shutil
import sys
from pathlib import Path

import psutil

from engine.model.resources import Resources

_MB = 1 << 20


def measure(folder: Path) -> Resources:
    """Cores that we may use, memory, and what is free on the disk of `folder`.

    A folder that does not exist counts as the nearest one above it that does.
    """
    while not folder.exists():
        folder = folder.parent
    return Resources(
        cpu_milli=_cores() * 1000,
        memory_mb=psutil.virtual_memory().total // _MB,
        storage_mb=shutil.disk_usage(folder).free // _MB,
    )


def _cores() -> int:
    if sys.platform.startswith("linux"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
