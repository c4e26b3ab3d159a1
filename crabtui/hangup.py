"""A console ends with its terminal, even if its own end hangs by then."""

import os
import select
import signal
import sys
import threading
from typing import Final

GRACE_S: Final = 3.0
"""For the usual end, which keeps the session."""


def end_with_terminal(descriptor: int | None = None) -> None:
    """Have this process end soon after its terminal is gone, whatever it does by then.

    A thread, for the event loop cannot be relied on: what is drawn goes through a queue to
    a thread of Textual's, which ends when it cannot write; once the queue is full nothing
    else of the app ever runs again, the handler of SIGHUP included.
    """
    watched = sys.stdin.fileno() if descriptor is None else descriptor

    def watch() -> None:
        poll = select.poll()
        poll.register(watched, 0)
        for _, seen in poll.poll():
            if seen & select.POLLNVAL:  # this system cannot poll terminals
                return
        threading.Event().wait(GRACE_S)
        os._exit(128 + signal.SIGHUP)

    threading.Thread(target=watch, name="terminal", daemon=True).start()
