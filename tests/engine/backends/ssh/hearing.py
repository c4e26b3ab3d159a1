"""A hearer that keeps what it heard, and lets a test wait for it."""

import asyncio
from collections.abc import Callable


class Heard:
    """Everything that came in."""

    def __init__(self) -> None:
        self.data = b""
        self.errors = b""
        self.losses: list[str] = []
        self._news = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data
        self._news.set()

    def stderr_received(self, data: bytes) -> None:
        self.errors += data
        self._news.set()

    def connection_lost(self, why: str) -> None:
        self.losses.append(why)
        self._news.set()

    async def until(self, seen: Callable[["Heard"], object], timeout_s: float = 20.0) -> None:
        """Wait until `seen` accepts what was heard."""
        async with asyncio.timeout(timeout_s):
            while not seen(self):
                self._news.clear()
                await self._news.wait()

    async def lost(self) -> str:
        """Wait for the loss; why."""
        await self.until(lambda heard: heard.losses)
        return self.losses[0]
