"""A conversation with a host program: many requests under way, answers as they come."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine.backends.wire import Wire
from engine.errors import LinkRefused, Unreachable
from engine.runner import faults

GREETING = b"crab-1 "
MOST_NOISE_BYTES = 1 << 20
"""What a profile may print before the host speaks."""

MOST_LINE_BYTES = 1 << 20
"""No line of an answer is longer; its data is counted apart."""

MOST_DATA_BYTES = 1 << 20

MOST_GREETINGS = 8

_PARTS = (b"is", b"use")
"""Answers that begin like this are not the last of their request."""

_SAID_BYTES = 400


@dataclass(slots=True)
class Answer:
    """One whole answer."""

    words: list[bytes] = field(default_factory=list)
    """Of its last line, without the number."""
    parts: list[bytes] = field(default_factory=list)
    """The lines before it, without the number and the first word."""
    data: bytes = b""


@dataclass(slots=True)
class _Pending:
    future: "asyncio.Future[Answer]"
    answer: Answer = field(default_factory=Answer)


class Dialogue:
    """Hears one wire. Everything that waits for an answer fails when the wire is lost."""

    def __init__(self, on_ended: Callable[[bytes], None]) -> None:
        """Prepare.

        Args:
            on_ended: Told of every attempt that the host says has ended, with its whole
                status if the host says that too. A ValueError: it makes no sense.
        """
        self._on_ended = on_ended
        self._numbers = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._buffer = bytearray()
        self._data_for: _Pending | None = None
        self._missing = 0
        self._greetings: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._is_ready = False
        self._noise = 0
        self._searched = 0
        self.heard_bytes = 0
        """All that was ever said, whatever it was."""
        self._said = b""
        self.wire: Wire | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def greeting(self) -> bytes:
        """The next line of the host's greeting, without `crab-1`.

        Raises:
            Unreachable: the wire is lost before it came.
        """
        if self.lost.done() and self._greetings.empty():
            raise self._gone()
        line = await self._greetings.get()
        if line is None:
            raise self._gone()
        return line

    def send(self, data: bytes) -> None:
        """Bytes that are no request: of the greeting."""
        if self.wire is not None:
            self.wire.write(data)

    def ask(self, verb: str, *words: object) -> "asyncio.Future[Answer]":
        """Send a request; its answer."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self.wire is None or self.lost.done():
            future.set_exception(self._gone())
            return future
        number = next(self._numbers)
        self._pending[number] = _Pending(future)
        line = b" ".join([b"%d" % number, verb.encode(), *map(_encoded, words)])
        self.wire.write(line + b"\n")
        return future

    def data_received(self, data: bytes) -> None:
        """Take in what the host says."""
        self.heard_bytes += len(data)
        self._buffer += data
        while not self.lost.done() and self._take_one():
            pass
        most = MOST_LINE_BYTES if self._is_ready else MOST_NOISE_BYTES
        if self._data_for is None and len(self._buffer) > most:
            self.fail("it begins a line and never ends it")

    def stderr_received(self, data: bytes) -> None:
        """Keep the last of it, to tell why a wire was lost."""
        self._said = (self._said + data)[-_SAID_BYTES:]

    def connection_lost(self, why: str) -> None:
        """Nothing more will come: whoever waits is told."""
        if self.lost.done():
            return
        self.lost.set_result(self._with_last_words(why))
        if self._data_for is not None:
            self._pending[0], self._data_for = self._data_for, None
        self._greetings.put_nowait(None)
        pending, self._pending = self._pending, {}
        for one in pending.values():
            if not one.future.done():
                one.future.set_exception(self._gone())

    def _gone(self) -> Unreachable:
        why = self.lost.result() if self.lost.done() else "there is no connection"
        return Unreachable(why)

    def _with_last_words(self, why: str) -> str:
        lines = [line for line in self._said.splitlines() if line.strip()]
        if self._is_ready or not lines:
            return why
        return f"{why}: {lines[-1].decode('utf-8', 'replace').strip()}"

    def _take_one(self) -> bool:
        """Whether one line, or all data of an answer, was there and is taken."""
        if self._data_for is not None:
            return self._take_data(self._data_for)
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return False
        self._searched = 0
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if self._is_ready:
            self._take_line(line)
        else:
            self._take_greeting(line)
        return True

    def _take_data(self, pending: _Pending) -> bool:
        if len(self._buffer) < self._missing:
            return False
        pending.answer.data = bytes(self._buffer[: self._missing])
        del self._buffer[: self._missing]
        self._data_for = None
        _resolve(pending)
        return True

    def _take_greeting(self, line: bytes) -> None:
        if not line.startswith(GREETING):
            self._noise += len(line) + 1
            if self._noise > MOST_NOISE_BYTES:
                self.fail("it says too much before it says anything to us")
            return
        said = line[len(GREETING) :]
        self._is_ready = said.startswith(b"ready")
        if self._greetings.qsize() >= MOST_GREETINGS:
            self.fail("it greets us again and again")
            return
        self._greetings.put_nowait(said)

    def _take_line(self, line: bytes) -> None:
        try:
            self._understand(line)
        except (ValueError, LookupError):
            self.fail(f"it answers what nobody can understand: {line[:80]!r}")

    def _understand(self, line: bytes) -> None:
        first, _, rest = line.partition(b" ")
        if first == b"+":
            told, _, about = rest.partition(b" ")
            if told == b"ended":
                self._on_ended(about)
            return
        word, _, after = rest.partition(b" ")
        number = int(first)
        if word in _PARTS:
            self._pending[number].answer.parts.append(after)
            return
        pending = self._pending[number]
        pending.answer.words = rest.split(b" ")
        if word == b"data":
            self._missing = int(pending.answer.words[4])
            if not 0 <= self._missing <= MOST_DATA_BYTES:
                raise ValueError("so much was not asked for")
            self._data_for = pending
        else:
            _resolve(pending)
        del self._pending[number]

    def fail(self, why: str) -> None:
        """It cannot be talked to any more: hang up."""
        wire, self.wire = self.wire, None
        self.connection_lost(why)
        self._buffer.clear()
        if wire is not None:
            wire.close()


def _resolve(pending: _Pending) -> None:
    future, answer = pending.future, pending.answer
    if future.done():
        return
    if answer.words[:1] == [b"error"]:
        future.set_exception(fault_of(answer.words[1:]))
    else:
        future.set_result(answer)


def fault_of(words: Sequence[bytes]) -> Exception:
    """The error that a host speaks of."""
    kind, *rest = (word.decode("utf-8", "replace") for word in words)
    text = " ".join(rest)
    match kind:
        case "stale":
            newest = int(rest[0])
            return faults.StaleError(0, newest)
        case "unusable":
            return faults.UnusableError(text)
        case "notstarted":
            return faults.NotStartedError(text)
        case "failed":
            return Unreachable(text)
        case "denied":
            return LinkRefused(text, details={"denied": True})
    return faults.BadRequestError(text)


def _encoded(word: object) -> bytes:
    return word if isinstance(word, bytes) else str(word).encode("ascii")
