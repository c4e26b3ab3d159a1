"""One backend at work, as tests speak of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from engine.backends.protocol import Backend, Order, Report
from engine.model.ids import AttemptId, Epoch

EPOCH = Epoch(7)
PATH = ("PATH", "/usr/bin:/bin")


class Hands:
    """Starts attempts and waits for their ends."""

    def __init__(self, backend: Backend, epoch: Epoch = EPOCH) -> None:
        """Work with a backend that was greeted with `epoch`."""
        self.backend = backend
        self.epoch = epoch
        self._ends: AsyncIterator[Report] = backend.ends()
        self._ended: dict[AttemptId, Report] = {}
        self._number = 0

    def order(self, *argv: str, **fields: Any) -> Order:
        """An order for a command; fields as of `Order`."""
        self._number += 1
        fields.setdefault("attempt", AttemptId(f"{self._number}-1-{self.epoch}"))
        fields.setdefault("epoch", self.epoch)
        fields.setdefault("env", (PATH,))
        return Order(argv=argv, **fields)

    async def start(self, *argv: str, **fields: Any) -> Report:
        """Start a command. Raises: what became of the start, if that is an error."""
        [report] = await self.backend.start([self.order(*argv, **fields)])
        if isinstance(report, Exception):
            raise report
        return report

    async def sh(self, script: str, **fields: Any) -> Report:
        """Start a script for `sh`."""
        return await self.start("/bin/sh", "-c", script, **fields)

    async def run(self, *argv: str, **fields: Any) -> Report:
        """Start a command and wait for its end."""
        return await self.end(await self.start(*argv, **fields))

    async def end(self, report: Report, timeout_s: float = 20.0) -> Report:
        """The report of an attempt once it has ended. Raises: TimeoutError."""
        if report.state == "exited":
            return report
        async with asyncio.timeout(timeout_s):
            while report.attempt not in self._ended:
                ended = await anext(self._ends)
                self._ended[ended.attempt] = ended
        return self._ended[report.attempt]

    async def log(self, report: Report, stream: str = "out") -> bytes:
        """All of a log, as it is now."""
        data = b""
        while True:
            piece = await self.backend.tail(report.attempt, stream, len(data), 1 << 20)
            data += piece.data
            if len(data) == piece.size:
                return data

    async def wait_log(self, report: Report, wanted: bytes) -> None:
        """Return when the output has this in it. Raises: TimeoutError."""
        async with asyncio.timeout(20):
            while wanted not in await self.log(report):
                continue  # each look waits for the disk's thread

    async def stop(self, report: Report, grace_ms: int = 5_000, signal: str = "TERM") -> Report:
        """Begin to end an attempt."""
        return await self.backend.stop(report.attempt, self.epoch, grace_ms, signal)
