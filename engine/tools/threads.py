"""Threads that run calls, made when they are needed and kept."""

import contextvars
import ctypes
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from engine.tools.calling import Prepared
from engine.tools.frames import Ended
from engine.tools.output import Logs, into


class Canceled(BaseException):
    """Raised within a call that is to end; the call may tidy up, and should not go on."""


class Threads:
    """As many as there are calls at once: whoever sends them keeps to a number."""

    def __init__(self, ended: Callable[[Ended], None]) -> None:
        self._ended = ended
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._running: dict[str, tuple[int, Prepared]] = {}

    def run(self, call: Prepared, folder: str) -> None:
        """Run a call in a thread, and tell what it came to."""
        work = partial(self._run, call, folder)
        with self._lock:
            is_new = self._idle <= 0
            self._idle -= not is_new
        self._work.put(work)
        if is_new:
            threading.Thread(target=self._live, daemon=True).start()

    def cancel(self, id_: str) -> None:
        """Ask a call to end: its context says so, and at its next step it is raised."""
        with self._lock:
            found = self._running.get(id_)
            if found is None:
                return
            thread, call = found
            call.context.cancel()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread), ctypes.py_object(Canceled)
            )

    def _live(self) -> None:
        while True:
            with suppress(Canceled):  # came too late for its call
                self._work.get()()
            with self._lock:
                self._idle += 1

    def _run(self, call: Prepared, folder: str) -> None:
        with self._lock:
            self._running[call.id] = threading.get_ident(), call
        try:
            end = contextvars.Context().run(self._call, call, folder)
        finally:
            with self._lock:
                self._running.pop(call.id, None)
        self._ended(end)

    def _call(self, call: Prepared, folder: str) -> Ended:
        with into(Logs(folder)):
            return call.work()
