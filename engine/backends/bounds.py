"""What holds a job to the memory and the cores that it asked for, on this machine."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SCOPE: Final = "scope"
"""A systemd scope with a cgroup of its own: memory of all its processes, cpu by weight."""

RLIMIT: Final = "rlimit"
"""Each process by itself may have so much memory; nothing limits cores."""

_CGROUPS: Final = Path("/sys/fs/cgroup/cgroup.controllers")

PROBE_S: Final = 5.0


def level() -> str:
    """The strongest way that works here; looked at once, when a worker says hello."""
    return SCOPE if _scopes_work() else RLIMIT


def words(level_: str, attempt: str, memory_mb: int, cpu_milli: int) -> tuple[str, ...]:
    """Words that go before the command of an attempt; none where a limit needs no process.

    Cores are shared by weight and not capped: what nobody else wants may be used.
    """
    if level_ != SCOPE or not memory_mb:
        return ()
    return (
        *_manager(),
        f"--unit=crabtui-{attempt}-{os.getpid()}",
        f"--property=MemoryMax={memory_mb}M",
        "--property=MemorySwapMax=0",
        f"--property=CPUWeight={min(max(cpu_milli // 10, 1), 10_000)}",
        "--",
    )


def _manager() -> tuple[str, ...]:
    run = ("systemd-run", "--scope", "--quiet", "--collect")
    if os.geteuid() == 0:
        return run
    runtime = f"XDG_RUNTIME_DIR=/run/user/{os.getuid()}"
    return ("/usr/bin/env", runtime, run[0], "--user", *run[1:])


def _scopes_work() -> bool:
    if not shutil.which("systemd-run") or not _CGROUPS.exists():
        return False
    return _succeeds((*_manager(), "--property=MemoryMax=64M", "--", "true"))


def _succeeds(argv: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
