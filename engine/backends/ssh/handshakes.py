"""How many connections may be begun at once to one host: sshd drops what comes in crowds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4


class Handshakes:
    """Turns, by host."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._turns: dict[tuple[str, int], tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def turn(self, host: str, port: int) -> AsyncIterator[None]:
        """Wait for a turn; it is given back at the end."""
        place = host, port
        turns, users = self._turns.get(place, (asyncio.Semaphore(self._at_once), 0))
        self._turns[place] = turns, users + 1
        try:
            async with turns:
                yield
        finally:
            turns, users = self._turns.pop(place)
            if users > 1:
                self._turns[place] = turns, users - 1
