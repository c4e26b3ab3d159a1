"""The event loop that runs async calls, in a thread of its own."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress

from engine.tools.calling import Prepared
from engine.tools.frames import Ended
from engine.tools.output import Logs, into


class Coroutines:
    """One loop for all async calls of a process."""

    def __init__(self, ended: Callable[[Ended], None]) -> None:
        self._ended = ended
        self._loop = asyncio.new_event_loop()
        self._tasks: dict[str, tuple[asyncio.Task[None], Prepared]] = {}
        threading.Thread(target=self._go_on, daemon=True).start()

    def run(self, call: Prepared, folder: str) -> None:
        """Run a call on the loop, and tell what it came to."""
        self._loop.call_soon_threadsafe(self._begin, call, folder)

    def cancel(self, id_: str) -> None:
        """Cancel a call, as asyncio does."""
        self._loop.call_soon_threadsafe(self._cancel, id_)

    def _go_on(self) -> None:
        """Run the loop, and again if a call has stopped it, or left it with an exit."""
        while not self._loop.is_closed():
            with suppress(BaseException):
                self._loop.run_forever()

    def _begin(self, call: Prepared, folder: str) -> None:
        work = self._run(call, folder)
        task = self._loop.create_task(work, context=contextvars.Context())
        self._tasks[call.id] = task, call

    def _cancel(self, id_: str) -> None:
        if found := self._tasks.get(id_):
            task, call = found
            call.context.cancel()
            task.cancel()

    async def _run(self, call: Prepared, folder: str) -> None:
        try:
            with into(Logs(folder)):
                end = await call.work_async()
        finally:
            self._tasks.pop(call.id, None)
        self._ended(end)
