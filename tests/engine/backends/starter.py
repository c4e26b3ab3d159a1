"""A daemon's stand-in: starts one attempt of `sleep`, says so, and waits to be killed."""

import asyncio
import sys
from pathlib import Path

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import Order, Report
from engine.clock import SystemClock
from engine.model.ids import AttemptId, Epoch


async def main(root: str, script: str) -> None:
    backend = DetachedBackend(LocalShell(Path(root)), SystemClock())
    await backend.hello(Epoch(1))
    order = Order(
        attempt=AttemptId("1-1-1"),
        epoch=Epoch(1),
        argv=("/bin/sh", "-c", script),
        env=(("PATH", "/usr/bin:/bin"),),
    )
    [report] = await backend.start([order])
    assert isinstance(report, Report)
    print(report.pid, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
