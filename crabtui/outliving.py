"""A console does not outlive what it is shown on, even if its own end hangs by then.

What is drawn goes through a queue to a thread or a pipe; once nobody takes it any more,
nothing else of the app ever runs again, the handlers of signals included. So a thread of
ours watches.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 1.0
GRACE_S: Final = 3.0
"""For the usual end, which keeps the session."""


def end_with_terminal() -> None:
    """Have this process end soon after its terminal is gone, whatever it does by then."""
    _end_after(_hung_up(sys.stdin.fileno()))


def end_with_parent() -> None:
    """Have this process end soon after the one that started it, whatever it does by then."""
    _end_after(_left_by(os.getppid()))


def _end_after(is_over: Callable[[], bool]) -> None:
    """Wait for `is_over`, which tells whether to end when it returns."""

    def watch() -> None:
        if is_over():
            threading.Event().wait(GRACE_S)
            os._exit(128 + signal.SIGHUP)

    threading.Thread(target=watch, name="outliving", daemon=True).start()


def _hung_up(terminal: int) -> Callable[[], bool]:
    def wait() -> bool:
        poll = select.poll()
        poll.register(terminal, 0)
        # POLLNVAL: this system cannot poll terminals, so nothing is known
        return not any(seen & select.POLLNVAL for _, seen in poll.poll())

    return wait


def _left_by(parent: int) -> Callable[[], bool]:
    def wait() -> bool:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(LOOK_S)
        return True

    return wait
