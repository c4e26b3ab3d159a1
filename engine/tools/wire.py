"""The process's end of the wire: reads what it is told, says what calls came to."""

import os
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

from engine.tools.frames import Ended, Ends, Frames, Said, Told, frame

READ_BYTES = 1 << 18
AT_ONCE = 500
"""Ends in one frame."""

AT_ONCE_BYTES = 1 << 24
"""Of results in one frame, about: far below what a frame may have."""


class Wire:
    """A stream socket; what comes together is said together."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._ends: queue.SimpleQueue[Ended] = queue.SimpleQueue()

    def told(self) -> Iterator[Told]:
        """What we are told, until nobody is there any more."""
        frames = Frames()
        while data := self._socket.recv(READ_BYTES):
            yield from frames.told(data)

    def say(self, message: Said) -> None:
        """Say something. A child that some call has forked ends here: it is not us."""
        if os.getpid() != self._pid:
            os._exit(0)
        with self._lock:
            self._socket.sendall(frame(message))

    def ended(self, end: Ended) -> None:
        """Say, soon, what a call came to."""
        if os.getpid() != self._pid:
            os._exit(0)
        self._ends.put(end)

    def say_ends(self) -> None:
        """Say what calls come to, for ever; what has come together, in one frame."""
        while True:
            ends = [self._ends.get()]
            size = len(ends[0].value)
            with suppress(queue.Empty):
                while len(ends) < AT_ONCE and size < AT_ONCE_BYTES:
                    ends.append(self._ends.get_nowait())
                    size += len(ends[-1].value)
            self.say(Ends(tuple(ends)))
