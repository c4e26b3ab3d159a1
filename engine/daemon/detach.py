"""Going to the background, and telling whoever started us when we are ready."""

import os
import sys
from contextlib import suppress
from pathlib import Path


class Herald:
    """Tells the waiting starters, once, that the daemon is ready or why it is not."""

    def __init__(self, descriptors: list[int]) -> None:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._descriptors = descriptors

    def tell(self, text: str) -> None:
        """Write one line to everybody who waits, and let them go."""
        for descriptor in self._descriptors:
            with suppress(OSError):
                os.write(descriptor, text.encode() + b"\n")
            with suppress(OSError):
                os.close(descriptor)
        self._descriptors = []

    def take(self) -> list[int]:
        """Hand the waiting starters over to another herald."""
        taken, self._descriptors = self._descriptors, []
        return taken


def go_to_background(log: Path) -> tuple[int | None, int]:
    """Leave the terminal and the session.

    Returns:
        In the foreground process: (its exit status, -1), once the other is ready or has
        failed. In the background process: (None, a descriptor to tell readiness on).
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8", errors="replace") as answers:
            answer = answers.readline().strip()
        if answer == "ready":
            return 0, -1
        print(f"crabtui: {answer or 'the daemon ended without a word'}", file=sys.stderr)
        return 3, -1
    os.close(reading)
    os.setsid()
    _redirect(log)
    return None, writing


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
