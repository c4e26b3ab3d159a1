"""What supervisors answer: one pipe for all of them."""

import fcntl
import os
import sys
from typing import Protocol

_ROOM_BYTES = 1 << 20


class Answer(Protocol):
    """Who waits for the line of one supervisor; such as a future."""

    def done(self) -> bool:
        """Whether it has its line, or no longer wants it."""
        ...

    def cancelled(self) -> bool:
        """Whether nobody wants it any more."""
        ...

    def result(self) -> str: ...

    def set_result(self, result: str, /) -> None: ...


class Answers:
    """The one pipe on which every supervisor says its line, by attempt.

    It is roomy, so that a reader that was stopped holds up no start; and when it is gone,
    supervisors do not mind.
    """

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        if sys.platform.startswith("linux"):
            fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, _ROOM_BYTES)
        self._rest = b""
        self._early: dict[str, str] = {}
        self._expected: dict[str, Answer] = {}

    def fileno(self) -> int:
        """Readable when `read` has something to take in."""
        return self._reader

    def expect(self, attempt: str, answer: Answer) -> None:
        """Give `answer` the line of `attempt`, without its name; empty if there is none."""
        self._expected[attempt] = answer
        if attempt in self._early:
            answer.set_result(self._early.pop(attempt))

    def hang_up(self, attempt: str) -> bool:
        """Its supervisor is no more; whether that is news to who waited for its answer.

        It is not if no start of the job was ever told: then the answer itself says the end.
        """
        answer = self._expected.get(attempt)
        if answer is not None and not answer.done():
            self.read()  # it may have spoken just now
        self._expected.pop(attempt, None)
        if answer is None or answer.cancelled():
            return True
        if not answer.done():
            answer.set_result("")
        return answer.result().startswith("STARTED")

    def read(self) -> None:
        """Take in whatever has been said."""
        try:
            data = os.read(self._reader, _ROOM_BYTES)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            word, attempt, *rest = line.decode("ascii", "replace").split(" ")
            self._take(attempt, " ".join([word, *rest]))

    def _take(self, attempt: str, text: str) -> None:
        answer = self._expected.get(attempt)
        if answer is None:
            self._early[attempt] = text
        elif not answer.done():
            answer.set_result(text)

    def close(self) -> None:
        """Hear no more."""
        os.close(self._reader)
        os.close(self.writer)
