"""A console in a browser ends with its server, even if its own end hangs by then."""

import os
import threading
from typing import Final

LOOK_S: Final = 1.0


def end_with_parent() -> None:
    """Have this process end soon after the one that started it, whatever it does by then.

    A thread, for the event loop cannot be relied on: with the server goes the pipe that is
    drawn to, and an app that cannot draw does not come to its end.
    """
    parent = os.getppid()

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(LOOK_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
