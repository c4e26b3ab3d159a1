"""Asking drivers: often, never for long."""

import os
import signal
import time
from pathlib import Path

import pytest

from engine.runner import devices as module
from engine.runner.asking import Tool
from engine.runner.devices import Devices
from tests.kit.smi import FakeSmi
from tests.kit.waiting import wait_until


def test_a_real_tool_on_the_path(tmp_path: Path) -> None:
    smi = FakeSmi(tmp_path / "bin")
    smi.has(700, 4)
    smi.held_by((0, 4242, 690))
    path = f"{smi.folder}:/usr/bin:/bin"
    first, second = Devices(path=path).now()
    assert (first.used_mb, [holder.pid for holder in first.holders]) == (700, [4242])
    assert (second.index, second.memory_mb, second.holders) == (1, 40960, ())


def test_an_answer_counts_for_some_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi = FakeSmi(tmp_path / "bin")
    smi.has(5)
    devices = Devices(path=f"{smi.folder}:/usr/bin:/bin")
    assert len(devices.now()) == 1
    smi.has(5, 5)
    assert len(devices.now()) == 1
    assert smi.times_asked == 2, "once for devices, once for processes"
    monkeypatch.setattr(module, "FRESH_S", -1.0)
    assert len(devices.now()) == 2


def test_no_tool_no_devices(tmp_path: Path) -> None:
    assert Devices(path=str(tmp_path)).now() == ()


def test_a_tool_that_fails_tells_nothing(tmp_path: Path) -> None:
    smi = FakeSmi(tmp_path / "bin")
    (smi.folder / "nvidia-smi").write_text("#!/bin/sh\necho '0, a, b, 1, 2, 3'; exit 9\n")
    assert Devices(path=f"{smi.folder}:/usr/bin:/bin").now() == ()


def test_amd_is_asked_where_nvidia_is_not(tmp_path: Path) -> None:
    smi = tmp_path / "bin" / "rocm-smi"
    smi.parent.mkdir()
    smi.write_text(
        "#!/bin/sh\n[ \"$*\" = '--showproductname --showmeminfo vram --showuse --json' ] &&\n"
        'echo \'{"card0": {"Card series": "MI210", "VRAM Total Memory (B)": "1048576"}}\'\n'
    )
    smi.chmod(0o755)
    (device,) = Devices(path=f"{smi.parent}:/usr/bin:/bin", kfd=tmp_path).now()
    assert (device.index, device.kind, device.memory_mb) == (0, "MI210", 1)


def test_a_driver_that_hangs_is_given_up_and_not_asked_again_meanwhile(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    tool = Tool(timeout_s=0.2)
    began_s = time.monotonic()
    assert tool.ask(["sh", "-c", f"echo x >>{asked}; sleep 60"]) is None
    assert time.monotonic() - began_s < 10
    assert asked.read_text() == "x\n"
    assert wait_until(lambda: tool.ask(["echo", "works"]), what="it answers") == "works\n"


def test_while_one_call_cannot_even_be_killed_no_other_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung = []
    monkeypatch.setattr("os.killpg", lambda pid, _: hung.append(pid))
    tool = Tool(timeout_s=0.1)
    assert tool.ask(["sleep", "60"]) is None
    assert tool.ask(["echo", "works"]) is None
    monkeypatch.undo()
    os.kill(hung[0], signal.SIGKILL)
    assert wait_until(lambda: tool.ask(["echo", "works"]), what="it answers") == "works\n"


def test_a_tool_that_is_none(tmp_path: Path) -> None:
    assert Tool().ask([str(tmp_path / "not there")]) is None
