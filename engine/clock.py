"""Time as an argument: the system's clock, and one that a test moves by hand."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """What the engine may know about time, and the only ways it may wait for it."""

    def now(self) -> int:
        """UTC microseconds since 1970; may jump when the host's clock is set."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back. For intervals."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of monotonic time."""
        ...

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        """The result of `work`.

        Raises:
            TimeoutError: it took longer than `seconds`, and was canceled.
        """
        ...


class SystemClock:
    """The host's clocks and the running event loop's timers."""

    def now(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        # Not wait_for: before 3.12 it loses a cancel that comes as `work` ends.
        async with asyncio.timeout(seconds):
            return await work


class ManualClock:
    """A clock for tests: it stands still until `advance`, then wakes sleepers in order."""

    def __init__(self, now_at: int = 1_700_000_000_000_000) -> None:
        self._now_at = now_at
        self._elapsed_s = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self._now_at

    def monotonic(self) -> float:
        return self._elapsed_s

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back; the monotonic clock does not notice."""
        self._now_at += round(seconds * 1_000_000)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        self._elapsed_s += seconds
        self.jump(seconds)
        while self._sleepers and self._sleepers[0][0] <= self._elapsed_s:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)

    @property
    def sleeping(self) -> int:
        """How many callers wait for this clock to move."""
        return sum(not future.done() for _, _, future in self._sleepers)

    def _alarm(self, seconds: float) -> "asyncio.Future[None]":
        """Set from now on: time that passes before anybody waits for it counts."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, next(self._order), woken))
        return woken

    async def sleep(self, seconds: float) -> None:
        await self._alarm(seconds)

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        alarm = self._alarm(seconds)
        task = asyncio.ensure_future(work)
        try:
            either: set[asyncio.Future[Any]] = {task, alarm}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        finally:
            task.cancel()
            alarm.cancel()
            await asyncio.wait({task})
        raise TimeoutError(f"not done within {seconds} s")
