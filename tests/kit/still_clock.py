"""A clock whose hands move only by hand, while nobody who sleeps on it is kept waiting."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class StillClock:
    """For views: a frozen picture, though the feed behind it goes on.

    A sleep is over at once; a time limit is never reached.
    """

    def __init__(self, now_at: int = 1_700_000_000_000_000) -> None:
        self._now_at = now_at
        self._elapsed_s = 100.0

    def now(self) -> int:
        return self._now_at

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        self._elapsed_s += seconds
        self._now_at += round(seconds * 1_000_000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        return await work
