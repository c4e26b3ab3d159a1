"""What attempts use, measured on real processes that real supervisors started."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import Order
from engine.clock import SystemClock
from engine.model.ids import AttemptId, Epoch
from engine.runner.devices import Devices
from engine.runner.spool import Spool
from engine.runner.usage import Gauge, Use
from tests.kit.smi import FakeSmi
from tests.kit.waiting import wait_until

EPOCH = Epoch(1)
ENV = (("PATH", "/usr/bin:/bin"),)
EATER = (
    "x = bytearray(b'x' * (80 << 20)); print('full', flush=True); import time; time.sleep(60)"
)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[DetachedBackend]:
    backend = DetachedBackend(LocalShell(tmp_path / "spool"), SystemClock())
    await backend.hello(EPOCH)
    started: list[AttemptId] = []
    backend.started = started  # type: ignore[attr-defined]
    yield backend
    for attempt in started:
        await backend.stop(attempt, EPOCH, 0, "KILL")
    left = set(started)
    async for report in backend.ends():
        left.discard(report.attempt)
        if not left:
            break
    await backend.close()


async def run(backend: DetachedBackend, name: str, *argv: str, env: str = "") -> AttemptId:
    attempt = AttemptId(name)
    extra = ((env, "1"),) if env else ()
    order = Order(attempt=attempt, epoch=EPOCH, argv=argv, env=ENV + extra)
    (report,) = await backend.start([order])
    assert not isinstance(report, Exception), report
    backend.started.append(attempt)  # type: ignore[attr-defined]
    return attempt


def measured(gauge: Gauge, *attempts: str) -> dict[str, Use]:
    return {use.attempt: use for use in gauge.usage(attempts)}


async def test_memory_and_processes(backend: DetachedBackend, tmp_path: Path) -> None:
    gauge = Gauge(Spool(tmp_path / "spool"), Devices(path=""))
    eater = await run(backend, "1-1-1", sys.executable, "-S", "-c", EATER)
    crowd = await run(backend, "1-1-2", "sh", "-c", "sleep 60 & sleep 60 & wait")
    wait_until(lambda: measured(gauge, eater, crowd)[crowd].processes == 3)
    wait_until(lambda: measured(gauge, eater, crowd)[eater].memory_mb >= 80)
    found = measured(gauge, crowd, eater, "1-1-99")
    assert list(found) == [crowd, eater], "in the order asked; what does not live is left out"
    assert found[eater].memory_mb < 200
    assert found[crowd].memory_mb < 40
    assert (found[eater].processes, found[eater].gpu_mb) == (1, None)


async def test_a_burner_shows_cpu(backend: DetachedBackend, tmp_path: Path) -> None:
    gauge = Gauge(Spool(tmp_path / "spool"), Devices(path=""))
    burner = await run(backend, "1-1-1", sys.executable, "-S", "-c", "while True: pass")
    idle = await run(backend, "1-1-2", "sleep", "60")
    wait_until(lambda: measured(gauge, burner)[burner].cpu_ms >= 300)
    assert measured(gauge, idle)[idle].cpu_ms < 100


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="marks are Linux's")
async def test_one_that_left_its_session_counts_by_its_mark(
    backend: DetachedBackend, tmp_path: Path
) -> None:
    gauge = Gauge(Spool(tmp_path / "spool"), Devices(path=""))
    parent = await run(backend, "1-1-1", "sh", "-c", "setsid -f sleep 60; exec sleep 60")
    wait_until(lambda: measured(gauge, parent)[parent].processes == 2)


async def test_device_memory_is_that_of_its_processes(
    backend: DetachedBackend, tmp_path: Path
) -> None:
    smi = FakeSmi(tmp_path / "bin")
    first = await run(backend, "1-1-1", "sleep", "60")
    second = await run(backend, "1-1-2", "sleep", "60")
    (report,) = await backend.adopt([first])
    assert report.pid is not None
    smi.has(500, 500)
    smi.held_by((0, report.pid, 400), (1, report.pid, 30), (1, 1, 7))
    gauge = Gauge(Spool(tmp_path / "spool"), Devices(path=f"{smi.folder}:/usr/bin:/bin"))
    found = measured(gauge, first, second)
    assert (found[first].gpu_mb, found[second].gpu_mb) == (430, None)


async def test_a_pid_that_is_another_process_by_now_is_not_measured(
    backend: DetachedBackend, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    first = await run(backend, "1-1-1", "sleep", "60")
    (report,) = await backend.adopt([first])
    stranger = spool.folder("1-1-9")
    stranger.mkdir()
    (stranger / "life").write_text(f"sup 1 .\njob {report.pid} 12345 .\n")
    found = measured(Gauge(spool, Devices(path="")), first, "1-1-9")
    if report.pid_start and report.pid_start.isdecimal():
        assert list(found) == [first]
