"""Frames between a pool and its processes: four bytes of length, then msgpack."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from engine.model.calls import Call

MOST_BYTES: Final = 64 * 2**20
_HEAD: Final = 4


class Describe(msgspec.Struct, frozen=True, tag="describe", array_like=True):
    """Import these modules, and say what is in them. The first thing that is said."""

    modules: tuple[str, ...]
    path: tuple[str, ...] = ()


class Invocation(msgspec.Struct, frozen=True, array_like=True):
    """One call."""

    id: str
    call: Call
    logs: str
    """Folder for what it writes, as `out` and `err`; made when it writes something."""
    context: str | None = None


class Invoke(msgspec.Struct, frozen=True, tag="invoke", array_like=True):
    """Run these, in this order as far as there is room."""

    calls: tuple[Invocation, ...]


class Cancel(msgspec.Struct, frozen=True, tag="cancel", array_like=True):
    """Have this one end, if it can be helped."""

    id: str


class Module(msgspec.Struct, frozen=True, array_like=True):
    """A module as a process found it."""

    name: str
    hash: str = ""
    """SHA-256 of its source."""
    error: str = ""
    """Why it could not be imported; empty: it was."""
    file: str = ""
    """Where its source is; empty: it has none, or was not found."""


class Description(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tool or stage as it describes itself."""

    name: str
    module: str
    kind: str
    about: str = ""
    schema: dict[str, Any] = {}
    result: dict[str, Any] = {}
    timeout_ms: int | None = None
    cache_ttl_ms: int | None = None
    is_stage: bool = False


class Described(msgspec.Struct, frozen=True, tag="described", array_like=True):
    """What there is, in answer to `Describe`."""

    modules: tuple[Module, ...]
    tools: tuple[Description, ...]


class Ended(msgspec.Struct, frozen=True, array_like=True):
    """What a call came to: JSON, or an error."""

    id: str
    value: bytes = b""
    error: dict[str, Any] | None = None
    """A `ToolError`; None: there is none."""


class Ends(msgspec.Struct, frozen=True, tag="ends", array_like=True):
    """What calls came to."""

    ends: tuple[Ended, ...]


Told = Describe | Invoke | Cancel
Said = Described | Ends

_encode = msgspec.msgpack.Encoder().encode
_told = msgspec.msgpack.Decoder(Told)
_said = msgspec.msgpack.Decoder(Said)


class FrameError(Exception):
    """What came is no frame of ours: whoever sent it is not to be trusted any more."""


def frame(message: Told | Said) -> bytes:
    """A message as it travels."""
    body = _encode(message)
    return len(body).to_bytes(_HEAD, "big") + body


class Frames:
    """Frames out of bytes as they come."""

    def __init__(self) -> None:
        self._data = bytearray()

    def told(self, data: bytes) -> Iterator[Told]:
        """What a process was told. Raises: FrameError."""
        yield from (_read(_told, body) for body in self._bodies(data))

    def said(self, data: bytes) -> Iterator[Said]:
        """What a process said. Raises: FrameError."""
        yield from (_read(_said, body) for body in self._bodies(data))

    def _bodies(self, data: bytes) -> Iterator[bytes]:
        self._data += data
        while len(self._data) >= _HEAD:
            end = _HEAD + int.from_bytes(self._data[:_HEAD], "big")
            if end > MOST_BYTES:
                raise FrameError(f"a frame of {end:,} bytes")
            if len(self._data) < end:
                return
            body = bytes(self._data[_HEAD:end])
            del self._data[:end]
            yield body


def _read(decoder: msgspec.msgpack.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FrameError(f"a frame that cannot be read: {error}") from error
