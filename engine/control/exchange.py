"""A client's half of the conversation, without a socket: numbers, frames, typed answers."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.control import frames
from engine.control.messages import PROTOCOL, Request, SayHello, Stream, answer_type
from engine.control.views import Done, Hello
from engine.errors import EngineError, FrameMalformed, VersionMismatch


@dataclass(frozen=True, slots=True)
class Item:
    """One of the values of a stream; more may follow."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Last:
    """The answer to a call, or the empty end of a stream."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The daemon refused, or something broke there."""

    number: int
    error: EngineError


Answer = Item | Last | Failed


class Exchange:
    """Numbers requests and turns the daemon's bytes into typed answers.

    Both clients talk through it, so they have the same verbs and the same errors.
    """

    def __init__(self) -> None:
        self._deframer = frames.Deframer()
        self._open: dict[int, type[Any]] = {}
        self._next = 1

    def ask(self, request: Request[Any] | Stream[Any]) -> tuple[int, bytes]:
        """The number under which `request` will be answered, and the bytes to send.

        Raises:
            FrameTooLarge: nothing was sent; say less at once.
        """
        number = self._next
        sent = frames.encode_ask(number, request)
        self._next += 1
        self._open[number] = type(request)
        return number, sent

    def drop(self, number: int) -> bytes:
        """The bytes that end `number` early; empty if it has ended. Answers stop now."""
        if self._open.pop(number, None) is None:
            return b""
        return frames.encode_drop(number)

    def receive(self, data: bytes) -> Iterator[Answer]:
        """The answers that are complete with `data`, in order.

        Answers to what was dropped are left out.

        Raises:
            FrameTooLarge, FrameMalformed: close the connection.
        """
        for body in self._deframer.feed(data):
            reply = frames.decode_reply(body)
            kind = self._open.get(reply.id)
            if kind is not None:
                yield self._answer(kind, reply)

    def finish(self) -> None:
        """Say that the daemon has closed the connection. Raises: FrameTruncated."""
        self._deframer.finish()

    def _answer(self, kind: type[Any], reply: frames.Reply) -> Answer:
        if reply.item:
            return Item(reply.id, _typed(answer_type, kind, reply.item))
        del self._open[reply.id]
        if reply.error is not None:
            return Failed(reply.id, reply.error.error())
        return Last(reply.id, _typed(_last_type, kind, reply.ok))


def hello(version: str, *, read_only: bool, kind: str = "python") -> SayHello:
    """The first thing that a client says."""
    return SayHello(version=version, read_only=read_only, client=kind)


def check_protocol(answer: Hello) -> None:
    """Make sure that client and daemon understand each other.

    Raises:
        VersionMismatch: they do not; it says what to do.
    """
    if answer.protocol != PROTOCOL:
        raise VersionMismatch(
            f"the daemon (version {answer.daemon.version}) speaks protocol "
            f"{answer.protocol}, this client {PROTOCOL}: `crabtui restart` puts a daemon "
            "of this version in its place; jobs keep running",
            details={"daemon": answer.protocol, "client": PROTOCOL},
        )


def _last_type(kind: type[Any]) -> Any:
    return Done if issubclass(kind, Stream) else answer_type(kind)


@functools.cache
def _decoder(answer: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(answer)


def _typed(typing: Any, kind: type[Any], raw: msgspec.Raw) -> Any:
    try:
        return _decoder(typing(kind)).decode(raw)
    except msgspec.DecodeError as broken:
        raise FrameMalformed(
            f"the daemon's answer to {kind.__struct_config__.tag!r} is not one: {broken}"
        ) from None
