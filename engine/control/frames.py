"""Frames: a length, then one JSON message; and the envelopes that travel in them."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from engine.errors import (
    BY_CODE,
    EngineError,
    FrameMalformed,
    FrameTooLarge,
    FrameTruncated,
)

LIMIT_BYTES: Final = 16 * 2**20
"""Length of the longest message, without its prefix."""

PREFIX_BYTES: Final = 4
"""The length comes first, unsigned and big-endian."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What a client sends: a request under a number of its choice, or the end of one."""

    id: int
    ask: msgspec.Raw = msgspec.Raw()
    """The request, not looked at yet: `engine.control.asks.decode_ask` does that."""
    drop: bool = False
    """Nobody waits for the answer any more; an unknown number is no error."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An error as it travels."""

    code: str
    message: str
    field: str | None = None
    nearest: str | None = None
    retry_after_s: float | None = None
    details: dict[str, Any] = {}

    @classmethod
    def of(cls, error: EngineError) -> "Failure":
        """All that `error` says, ready to travel."""
        return cls(
            code=error.code,
            message=error.message,
            field=error.field,
            nearest=error.nearest,
            retry_after_s=error.retry_after_s,
            details=error.details,
        )

    def error(self) -> EngineError:
        """The same error on this side; an `EngineError` if its code is not known here."""
        return BY_CODE.get(self.code, EngineError)(
            self.message,
            field=self.field,
            nearest=self.nearest,
            retry_after_s=self.retry_after_s,
            details=self.details,
        )


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a daemon sends: exactly one of `ok` (the last), `item` and `error` (the last)."""

    id: int
    ok: msgspec.Raw = msgspec.Raw()
    item: msgspec.Raw = msgspec.Raw()
    error: Failure | None = None


class Deframer:
    """Cuts a stream of bytes into messages, whatever the pieces that it arrives in."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with `data`, in order.

        Raises:
            FrameTooLarge: the next message is above the limit; close the connection.
        """
        self._kept += data
        while (body := self._take()) is not None:
            yield body

    def finish(self) -> None:
        """Say that the stream has ended.

        Raises:
            FrameTruncated: it ended inside a message.
        """
        if self._kept:
            raise FrameTruncated(
                f"the stream ended inside a frame, {len(self._kept)} bytes after its beginning"
            )

    def _take(self) -> bytes | None:
        if len(self._kept) < PREFIX_BYTES:
            return None
        length = int.from_bytes(self._kept[:PREFIX_BYTES], "big")
        if length > self._limit_bytes:
            raise _too_large(length, self._limit_bytes)
        end = PREFIX_BYTES + length
        if len(self._kept) < end:
            return None
        body = bytes(memoryview(self._kept)[PREFIX_BYTES:end])
        del self._kept[:end]
        return body


def encode(message: object, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The frame that carries `message`.

    Raises:
        FrameTooLarge: it would be above the limit; ask for, or send, less at once.
    """
    body = msgspec.json.encode(message)
    if len(body) > limit_bytes:
        raise _too_large(len(body), limit_bytes)
    return len(body).to_bytes(PREFIX_BYTES, "big") + body


def encode_ask(number: int, ask: object) -> bytes:
    """The frame in which a client asks. Raises: FrameTooLarge."""
    return encode({"id": number, "ask": ask})


def encode_drop(number: int) -> bytes:
    """The frame in which a client says that it no longer waits for `number`."""
    return encode({"id": number, "drop": True})


def encode_ok(number: int, value: object) -> bytes:
    """The frame that answers `number` for good. Raises: FrameTooLarge."""
    return encode({"id": number, "ok": value})


def encode_item(number: int, value: object) -> bytes:
    """The frame with the next item of the stream `number`. Raises: FrameTooLarge."""
    return encode({"id": number, "item": value})


def encode_error(number: int, error: EngineError) -> bytes:
    """The frame that answers `number` with an error, for good."""
    return encode({"id": number, "error": Failure.of(error)})


def decode_call(body: bytes) -> Call:
    """A client's message.

    Raises:
        FrameMalformed: it is none; close the connection, its sender is confused.
    """
    call: Call = _decode(_CALLS, body)
    if call.drop == bool(bytes(call.ask)):
        raise FrameMalformed(f"call {call.id} needs exactly one of 'ask' and 'drop'")
    return call


def decode_reply(body: bytes) -> Reply:
    """A daemon's message.

    Raises:
        FrameMalformed: it is none; close the connection.
    """
    reply: Reply = _decode(_REPLIES, body)
    parts = (bytes(reply.ok), bytes(reply.item), reply.error)
    if sum(bool(part) for part in parts) != 1:
        raise FrameMalformed(f"answer {reply.id} needs exactly one of 'ok', 'item' and 'error'")
    return reply


_CALLS = msgspec.json.Decoder(Call)
_REPLIES = msgspec.json.Decoder(Reply)


def _decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise FrameMalformed(f"not a message of this protocol: {broken}") from None


def _too_large(length: int, limit_bytes: int) -> FrameTooLarge:
    return FrameTooLarge(
        f"a frame of {length} bytes is above the limit of {limit_bytes}",
        details={"length": length, "limit": limit_bytes},
    )
