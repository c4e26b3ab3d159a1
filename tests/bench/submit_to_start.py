"""From a submission to the first byte of the job, on an idle daemon."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

from engine.control.blocking import BlockingClient
from engine.control.messages import Submit, Wait
from tests.bench.figures import latency, scratch
from tests.kit.daemon import RealDaemon, job_environment

COUNT = 200
SHELL = shutil.which("sh") or "/bin/sh"


class Bell:
    """A named pipe that a process rings by writing to it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bell"
        os.mkfifo(self._path)
        self._descriptor = os.open(self._path, os.O_RDWR)
        self.argv = [SHELL, "-c", f"echo >'{self._path}'"]

    def wait_rung(self) -> float:
        """When it rang, on the performance counter."""
        os.read(self._descriptor, 1)
        return time.perf_counter()

    def close(self) -> None:
        os.close(self._descriptor)


def measure() -> dict[str, Any]:
    """Percentiles in milliseconds, beside those of a bare `posix_spawn` of the same command."""
    with scratch() as folder, RealDaemon(folder) as daemon, daemon.client() as client:
        bell = Bell(folder)
        ours, bare = [], []
        for _ in range(COUNT):
            bare.append(_spawned(bell))
            ours.append(_submitted(client, bell))
        bell.close()
    return {
        "jobs": COUNT,
        "crabtui": latency(ours),
        "posix_spawn": latency(bare),
        "ratios": {
            name.replace("_ms", ""): round(latency(bare)[name] / latency(ours)[name], 3)
            for name in ("p50_ms", "p99_ms")
        },
        "targets": {"p50_ms": 10},
    }


def _submitted(client: BlockingClient, bell: Bell) -> float:
    began_s = time.perf_counter()
    ask = Submit(jobs=({"command": bell.argv},), env=job_environment())
    answer = client.call(ask)
    took_s = bell.wait_rung() - began_s
    client.call(Wait(ids=(answer.ids[0][0],)))
    return took_s


def _spawned(bell: Bell) -> float:
    began_s = time.perf_counter()
    pid = os.posix_spawn(SHELL, bell.argv, os.environ)
    took_s = bell.wait_rung() - began_s
    os.waitpid(pid, 0)
    return took_s
