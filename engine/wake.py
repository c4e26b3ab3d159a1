"""Wake: a coalesced knock on a loop's door. Many knocks, one look."""

import asyncio

from engine.clock import Clock


class Wake:
    """A flag that one loop waits for and anybody may raise."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def knock(self) -> None:
        """Make the loop look again, once, however often this is called."""
        self._event.set()

    async def wait(self) -> None:
        """Return at the first knock since the last return, at once if there was one."""
        await self._event.wait()
        self._event.clear()

    async def wait_at_most(self, clock: Clock, seconds: float) -> bool:
        """Like `wait`, but give up after `seconds`; whether somebody knocked."""
        if self._event.is_set():
            self._event.clear()
            return True
        try:
            await clock.within(max(seconds, 0.0), self._event.wait())
        except TimeoutError:
            return False
        self._event.clear()
        return True
