"""Looks at this machine through its backend, on real attempts; ends for want of GPU memory."""

from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.clock import SystemClock
from engine.policy.jobs.outcomes import outcome_of
from tests.engine.backends.hands import EPOCH, PATH, Hands
from tests.kit.smi import FakeSmi

CRAMPED = "echo 'RuntimeError: CUDA out of memory. Tried to allocate 20 GiB' >&2; exit 1"


async def test_this_machine_and_what_attempts_use_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi = FakeSmi(tmp_path / "bin")
    smi.has(900, 800)
    monkeypatch.setenv("PATH", f"{smi.folder}:/usr/bin:/bin")
    backend = DetachedBackend(LocalShell(tmp_path / "spool"), SystemClock())
    await backend.hello(EPOCH)
    hands = Hands(backend)
    job = await hands.start("sleep", "60")
    gone = await hands.run("true")
    assert job.pid is not None
    smi.held_by((0, job.pid, 850), (1, 1, 700))
    sight = await backend.look()
    assert sight.memory_free_mb
    assert [device.foreign_mb for device in sight.devices] == [0, 700]
    used = await backend.usage([job.attempt, gone.attempt])
    assert list(used) == [job.attempt]
    assert (used[job.attempt].processes, used[job.attempt].gpu_mb) == (1, 850)
    await hands.stop(job, 0, "KILL")
    await hands.end(job)
    await backend.close()


async def test_too_little_memory_on_a_device_is_named(hands: Hands) -> None:
    env = (PATH, ("CUDA_VISIBLE_DEVICES", "0"))
    end = await hands.run("/bin/sh", "-c", CRAMPED, env=env, memory_mb=500)
    assert (end.code, end.why) == (1, "gpuoom")
    end = await hands.run("/bin/sh", "-c", CRAMPED)
    assert (end.code, end.why) == (1, None)


def test_its_outcome_says_so() -> None:
    outcome = outcome_of("exited", code=1, signal=None, why="gpuoom")
    assert outcome.trouble is not None
    assert outcome.trouble.code == "out_of_gpu_memory"
