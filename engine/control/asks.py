"""Reading a request: the daemon's side of the typed verbs, apart because it costs time."""

import functools
from typing import Any, get_args

import msgspec

from engine.control.messages import AnyRequest, Request, Stream
from engine.errors import InvalidSpec
from engine.model.words import nearest


def decode_ask(raw: msgspec.Raw) -> Request[Any] | Stream[Any]:
    """The request inside a call.

    Raises:
        InvalidSpec: no such verb, or a field of the wrong type. The connection is fine:
            answer with this error.
    """
    try:
        ask: Request[Any] | Stream[Any] = _decoder().decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise _invalid(raw, str(broken)) from None
    return ask


def verbs() -> tuple[str, ...]:
    """The names of all verbs."""
    return tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyRequest))


@functools.cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(AnyRequest)


def _invalid(raw: msgspec.Raw, trouble: str) -> InvalidSpec:
    verb = verb_of(raw)
    if verb is None or verb in verbs():
        return InvalidSpec(f"bad request: {trouble}", field="ask")
    near = nearest(verb, verbs())
    hint = f"; did you mean {near!r}?" if near else ""
    return InvalidSpec(f"unknown verb {verb[:100]!r}{hint}", field="ask.verb", nearest=near)


def verb_of(raw: msgspec.Raw) -> str | None:
    """The verb of a request that may be wrong; None if it has none."""
    try:
        ask = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    verb = ask.get("verb") if isinstance(ask, dict) else None
    return verb if isinstance(verb, str) else None
