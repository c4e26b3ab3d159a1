"""One request of the host protocol, and the way its answer goes."""

from collections.abc import Callable

from engine.runner import host_words
from engine.runner.records import Status

Say = Callable[..., None]
"""Takes bytes that are sent with nothing in between."""


class Asked:
    """Waits for its one answer, which may come much later."""

    def __init__(self, number: bytes, say: Say) -> None:
        self._number = number
        self._say = say

    def part(self, word: bytes, rest: bytes) -> None:
        """A line that is not the last one."""
        self._say(self._number, b" ", word, b" ", rest, b"\n")

    def done(self, *words: bytes) -> None:
        """The last line."""
        self._say(self._number, b" ", b" ".join(words), b"\n")

    def is_now(self, status: Status) -> None:
        """The last line: a state."""
        self.done(host_words.of_status(status))

    def data(self, head: bytes, data: bytes) -> None:
        """The last line, and the bytes that come after it."""
        self._say(self._number, b" data ", head, b"\n", data)

    def failed(self, fault: Exception) -> None:
        """The last line: why there is no other answer."""
        self.done(host_words.of_fault(fault))
