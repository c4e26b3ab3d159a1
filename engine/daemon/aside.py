"""Work that would keep the daemon from everything else, done in a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Aside:
    """One thread, made when it is wanted, for one piece of work at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = asyncio.Lock()

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` comes to. It must touch nothing that the daemon changes.

        Raises: whatever it raises.
        """
        async with self._turn:
            thread = ThreadPoolExecutor(1, thread_name_prefix=self._name)
            try:
                return await asyncio.get_running_loop().run_in_executor(thread, work)
            finally:
                thread.shutdown(wait=False)
