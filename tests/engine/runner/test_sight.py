"""One look at this host."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runner.devices import Devices
from engine.runner.sight import Looker, cpu_times, free_of_meminfo, free_of_vm_stat
from tests.kit.smi import FakeSmi
from tests.kit.waiting import wait_until

VM_STAT = """\
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            200000.
Pages inactive:                           64000.
Pages speculative:                         1000.
Pages purgeable:                           2000.
"Translation faults":                1234567890.
"""


def test_this_host(tmp_path: Path) -> None:
    seen = Looker(tmp_path, Devices(path="")).look()
    assert seen.load is not None
    assert seen.load >= 0
    assert seen.memory_free_mb is not None
    assert 0 < seen.memory_free_mb < 1 << 24
    assert seen.disk_free_mb == pytest.approx(shutil.disk_usage(tmp_path).free >> 20, abs=500)
    assert seen.uptime_ms > 0
    assert seen.now_us > 1_700_000_000_000_000
    assert seen.devices == ()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ps tells an average")
def test_how_busy_it_was_since_the_last_look(tmp_path: Path) -> None:
    looker = Looker(tmp_path, Devices(path=""))
    assert looker.look().busy_percent is None
    burner = [sys.executable, "-S", "-c", "while True: pass"]
    with subprocess.Popen(burner) as process:
        share = 60 // (os.cpu_count() or 1)
        seen = wait_until(lambda: (looker.look().busy_percent or 0) >= share)
        process.kill()
    assert seen


def test_a_spool_that_is_not_there(tmp_path: Path) -> None:
    assert Looker(tmp_path / "gone", Devices(path="")).look().disk_free_mb is None


def test_devices_and_who_else_uses_them(tmp_path: Path) -> None:
    smi = FakeSmi(tmp_path / "bin")
    smi.has(900, 4)
    smi.held_by((0, os.getpid(), 850))
    looker = Looker(tmp_path, Devices(path=f"{smi.folder}:/usr/bin:/bin"))
    first, second = looker.look().devices
    assert (first.index, first.memory_mb, first.used_mb) == (0, 40960, 900)
    assert (first.foreign_mb, first.busy_percent) == (850, 5), "we are no attempt"
    assert second.foreign_mb == 0


def test_what_hosts_tell() -> None:
    assert cpu_times("cpu  10 20 30 400 50 6 7 8 9 9\ncpu0 1 2 3\n") == (531, 450)
    assert cpu_times("") is None
    assert free_of_meminfo("MemTotal: 99 kB\nMemAvailable:    4096 kB\n") == 4
    assert free_of_meminfo("MemTotal: 99 kB\n") is None
    assert free_of_vm_stat(VM_STAT) == 167_000 * 16384 >> 20
    assert free_of_vm_stat("command not found") is None
