"""What a call may change of its process, and what the next one finds as it was."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """The working folder, the environment, the mask and the handlers of signals are restored.

    Only in a main thread of a process that runs one call at a time.
    """
    folder, environ, mask = os.getcwd(), dict(os.environ), os.umask(0o077)  # noqa: PTH109
    os.umask(mask)
    handlers = {one: signal.getsignal(one) for one in signal.valid_signals()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                with suppress(OSError, ValueError):  # two of them cannot be handled
                    signal.signal(number, handler)
        os.umask(mask)
        if os.environ != environ:
            os.environ.clear()
            os.environ.update(environ)
        with suppress(OSError):  # it was removed meanwhile
            os.chdir(folder)
