"""A host that a test plays: it answers the host protocol as it is told to, or does not."""

import asyncio
import base64
from collections.abc import Callable, Sequence

from engine.backends.wire import Hearer

FACTS = {
    "ident": b"h/b/1", "epoch": b"1", "system": b"Linux", "home": b"/h", "user": b"u",
    "path": b"/bin", "cpu_milli": b"4000", "memory_mb": b"8000", "storage_mb": b"1000",
}  # fmt: skip

Play = Callable[[bytes, Sequence[bytes]], bytes | None]
"""From the number and the words of a request to what is said; None: nothing."""


def running(number: bytes, words: Sequence[bytes]) -> bytes:
    """The answer to a start that went well."""
    return number + b" " + words[0] + b" running 5 7 h/b/1 - - - 0 9 - - \n"


class PlayedWire:
    """One conversation with the host."""

    def __init__(self, host: "PlayedHost", hearer: Hearer) -> None:
        self._host = host
        self._hearer = hearer
        self._heard = b""
        self.is_closed = False
        asyncio.get_running_loop().call_soon(self.say, host.greeting)

    def say(self, data: bytes) -> None:
        if not self.is_closed:
            self._hearer.data_received(data)

    def write(self, data: bytes) -> None:
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            asyncio.get_running_loop().call_soon(self._answer, line)

    def _answer(self, line: bytes) -> None:
        number, verb, *words = line.split(b" ")
        self._host.asked.append(verb.decode())
        said = self._host.plays.get(verb.decode(), _ok)(number, words)
        if said is not None:
            self.say(said)

    def close(self) -> None:
        self.end("closed")

    def end(self, why: str) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._hearer.connection_lost(why)


class PlayedHost:
    """Is a line to itself."""

    def __init__(self) -> None:
        self.greeting = b"crab-1 ready python\n"
        self.facts = dict(FACTS)
        self.plays: dict[str, Play] = {"hello": self._hello, "start": running}
        self.asked: list[str] = []
        self.wires: list[PlayedWire] = []
        self.warnings: Sequence[str] = ()

    @property
    def open_wires(self) -> list[PlayedWire]:
        return [wire for wire in self.wires if not wire.is_closed]

    async def open(self, command: str, hearer: Hearer) -> PlayedWire:
        self.wires.append(PlayedWire(self, hearer))
        return self.wires[-1]

    async def drop(self) -> None:
        for wire in self.open_wires:
            wire.end("dropped")

    def _hello(self, number: bytes, words: Sequence[bytes]) -> bytes:
        said = (b"%s=%s" % (key.encode(), _text(text)) for key, text in self.facts.items())
        return b" ".join([number, b"ok", *said]) + b"\n"


def _text(data: bytes) -> bytes:
    return base64.b64encode(data) or b"="


def _ok(number: bytes, words: Sequence[bytes]) -> bytes:
    return number + b" ok\n"
