"""Looks at this machine, in a thread of their own: a driver that hangs holds up no verb."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.model.ids import AttemptId
from engine.model.sight import Device, Sight, Usage
from engine.runner.devices import Devices
from engine.runner.identity import now_us
from engine.runner.sight import GpuLook, Looker
from engine.runner.spool import Spool
from engine.runner.usage import Gauge


class LocalLooks:
    """How this machine is doing, and what attempts of one spool use of it."""

    def __init__(self, spool: Spool) -> None:
        devices = Devices()
        self._spool = spool
        self._looker = Looker(spool.root, devices)
        self._gauge = Gauge(spool, devices)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looks")

    async def look(self) -> Sight:
        """Now, by this machine's clock, which is ours. Raises: UnusableError: no spool."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look)

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        """Of those that live."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._usage, attempts)

    def close(self) -> None:
        """Let go; a look that hangs ends by itself."""
        self._thread.shutdown(wait=False)

    def _look(self) -> Sight:
        self._spool.check_there()
        seen = self._looker.look()
        return Sight(
            at=seen.now_us,
            load=seen.load,
            busy_percent=seen.busy_percent,
            memory_free_mb=seen.memory_free_mb,
            disk_free_mb=seen.disk_free_mb,
            devices=tuple(_device(gpu) for gpu in seen.devices),
        )

    def _usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        now_at = now_us()
        return {
            AttemptId(use.attempt): Usage(
                at=now_at,
                cpu_ms=use.cpu_ms,
                memory_mb=use.memory_mb,
                processes=use.processes,
                gpu_mb=use.gpu_mb,
            )
            for use in self._gauge.usage(attempts)
        }


def _device(gpu: GpuLook) -> Device:
    return Device(
        index=gpu.index,
        kind=gpu.kind,
        memory_mb=gpu.memory_mb,
        used_mb=gpu.used_mb,
        foreign_mb=gpu.foreign_mb,
        busy_percent=gpu.busy_percent,
    )
