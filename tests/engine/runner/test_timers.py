"""A timer ends with its job, however short that is: nothing of it sleeps on."""

import asyncio
import os
import shutil
from pathlib import Path

import psutil
import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import Report
from engine.clock import SystemClock
from tests.engine.backends.hands import EPOCH, Hands
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

SHELLS = ("dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash")
JOBS = 60
FAR_S = 1_000_000 + os.getpid()
"""A deadline that no timer of another test has."""


@pytest.mark.parametrize("shell", SHELLS)
async def test_no_timer_of_a_crowd_outlives_its_job(shell: str, tmp_path: Path) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    link = tmp_path / ("sh" if shell == "busybox" else shell)
    link.symlink_to(path)
    backend = DetachedBackend(LocalShell(tmp_path / "spool", str(link)), SystemClock())
    await backend.hello(EPOCH)
    hands = Hands(backend)
    orders = [hands.order("true", hard_ms=FAR_S * 1000) for _ in range(JOBS)]
    reports = await backend.start(orders)
    async with asyncio.timeout(60):
        for report in reports:
            assert isinstance(report, Report)
            assert (await hands.end(report, 60.0)).code == 0
    wait_until(lambda: not _left(tmp_path), what="nothing left")
    await backend.close()
    end_all(tmp_path)


def _left(folder: Path) -> list[str]:
    """Supervisors, timers and naps."""
    lines = [
        " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    ]
    return [line for line in lines if f"sleep {FAR_S}" in line or f"{folder}/" in line]
