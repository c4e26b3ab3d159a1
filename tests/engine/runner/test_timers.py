"""A timer ends with its job, however short that is, and never sleeps past a lease."""

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
from engine.policy.jobs.partitions import MARGIN_MS
from tests.engine.backends.hands import EPOCH, Hands
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

SHELLS = ("dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash")
JOBS = 60
FAR_S = 1_000_000 + os.getpid()
"""A deadline that no timer of another test has."""


@pytest.mark.parametrize("shell", SHELLS)
async def test_no_timer_of_a_crowd_outlives_its_job(shell: str, tmp_path: Path) -> None:
    backend = await _backend(shell, tmp_path)
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


@pytest.mark.parametrize("shell", SHELLS)
async def test_a_timer_looks_at_a_lease_within_the_margin(shell: str, tmp_path: Path) -> None:
    """`sleep` stands still while its host is suspended; the clock of the lease does not."""
    backend = await _backend(shell, tmp_path)
    report = await Hands(backend).sh("exec cat", open_stdin=True, lease_ms=FAR_S * 1000)
    wait_until(lambda: _naps(report), what="a nap")
    assert all(seconds * 1000 < MARGIN_MS for seconds in _naps(report))
    await backend.close()
    end_all(tmp_path)


async def _backend(shell: str, folder: Path) -> DetachedBackend:
    """Of this machine, with the runner's scripts run by `shell`."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    link = folder / ("sh" if shell == "busybox" else shell)
    link.symlink_to(path)
    backend = DetachedBackend(LocalShell(folder / "spool", str(link)), SystemClock())
    await backend.hello(EPOCH)
    return backend


def _naps(report: Report) -> list[float]:
    """What the timer of an attempt sleeps now, seconds."""
    supervisor = psutil.Process(psutil.Process(report.pid).ppid())
    found = [one.info["cmdline"] for one in _below(supervisor)]
    return [float(words[-1]) for words in found if "sleep" in words and len(words) < 4]


def _below(supervisor: psutil.Process) -> list[psutil.Process]:
    ours = {one.pid for one in supervisor.children(recursive=True)}
    return [one for one in psutil.process_iter(["cmdline"]) if one.pid in ours]


def _left(folder: Path) -> list[str]:
    """Supervisors, timers and naps."""
    lines = [
        " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    ]
    return [line for line in lines if f"sleep {FAR_S}" in line or f"{folder}/" in line]
