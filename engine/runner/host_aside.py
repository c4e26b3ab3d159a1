"""Looks that may hang, in a thread of their own: they hold up no verb."""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from engine.runner.faults import RunnerError
from engine.runner.host_asked import Asked

Look = Callable[[], Any]
Tell = Callable[[Asked, Any], None]


class Aside:
    """Looks one after the other, and tells in the loop what was seen."""

    def __init__(self) -> None:
        self._wanted: SimpleQueue[tuple[Asked, Look, Tell]] = SimpleQueue()
        self._seen: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._reader, self._writer = os.pipe()
        self._thread = threading.Thread(target=self._work, name="aside", daemon=True)

    def fileno(self) -> int:
        """Readable when `take` has something to tell."""
        return self._reader

    def do(self, asked: Asked, look: Look, tell: Tell) -> None:
        """Call `look` in the thread, and `tell` with what it returned from `take`."""
        if self._thread.ident is None:
            self._thread.start()
        self._wanted.put((asked, look, tell))

    def take(self) -> None:
        """Tell of one."""
        os.read(self._reader, 1)
        self._seen.get()()

    def _work(self) -> None:
        while True:
            asked, look, tell = self._wanted.get()
            self._seen.put(_seen(asked, look, tell))
            os.write(self._writer, b".")


def _seen(asked: Asked, look: Look, tell: Tell) -> Callable[[], None]:
    try:
        found = look()
    except (RunnerError, OSError, ValueError, LookupError) as error:
        fault = error
        return lambda: asked.failed(fault)
    return lambda: tell(asked, found)
