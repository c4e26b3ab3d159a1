"""Where the blocking work of artifacts is done: on threads of their own, or in line."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

T = TypeVar("T")

THREADS = 2
"""One large blob does not hold up a small one."""


class Hands(Protocol):
    """Does what blocks."""

    async def do(self, work: Callable[[], T]) -> T:
        """The result of `work`, which goes on even if nobody waits for it any more."""
        ...

    def close(self) -> None:
        """Take nothing more; what was begun is finished."""
        ...


class ThreadHands:
    """On a few threads: for production."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="artifacts")

    async def do(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._threads, partial(work)))

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)


class InlineHands:
    """Where it is called: for simulation, where nothing may wait."""

    async def do(self, work: Callable[[], T]) -> T:
        return work()

    def close(self) -> None:
        return
