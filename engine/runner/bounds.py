"""What can hold jobs to their memory and cores on this machine."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SCOPE = "scope"
"""A systemd scope with a cgroup of its own: memory of all its processes, cpu by weight.

For an account other than root it is `scope:UID`.
"""

RLIMIT = "rlimit"
"""Each process by itself may have so much memory; nothing limits cores."""

PROBE_S = 5.0

_CGROUPS = Path("/sys/fs/cgroup/cgroup.controllers")


def level() -> str:
    """The strongest way that works here; looked at once, when a worker says hello."""
    if not shutil.which("systemd-run") or not _CGROUPS.exists():
        return RLIMIT
    uid = os.geteuid()
    scope = f"{SCOPE}:{uid}" if uid else SCOPE
    probe = (*scope_words(scope), "--property=MemoryMax=64M", "--", "true")
    return scope if _succeeds(probe) else RLIMIT


def scope_words(level_: str) -> tuple[str, ...]:
    """What asks the manager of that account for a scope, before its properties; () if none."""
    name, _, uid = level_.partition(":")
    if name != SCOPE:
        return ()
    run = ("systemd-run", "--scope", "--quiet", "--collect")
    if not uid:
        return run
    return ("/usr/bin/env", f"XDG_RUNTIME_DIR=/run/user/{uid}", run[0], "--user", *run[1:])


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
