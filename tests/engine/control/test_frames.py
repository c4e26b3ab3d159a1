"""Frames survive any cutting, and each way to be broken has its own error."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control import frames
from engine.control.asks import decode_ask
from engine.control.messages import Cancel, GetStats, Targets
from engine.errors import (
    EngineError,
    FrameMalformed,
    FrameTooLarge,
    FrameTruncated,
    InvalidSpec,
    KeyTaken,
)


@given(st.lists(st.text()), st.integers(1, 9))
def test_any_cutting_gives_the_same_messages(words: list[str], piece: int) -> None:
    stream = b"".join(frames.encode(word) for word in words)
    deframer = frames.Deframer()
    cut = [stream[i : i + piece] for i in range(0, len(stream), piece)]
    found = [body for part in cut for body in deframer.feed(part)]
    deframer.finish()
    assert [msgspec.json.decode(body) for body in found] == words


def test_too_large_is_refused_before_it_is_read() -> None:
    deframer = frames.Deframer(limit_bytes=10)
    with pytest.raises(FrameTooLarge) as caught:
        list(deframer.feed((11).to_bytes(4, "big")))
    assert caught.value.details == {"length": 11, "limit": 10}


def test_the_limit_itself_is_allowed_both_ways() -> None:
    [body] = frames.Deframer(limit_bytes=5).feed(frames.encode("abc", limit_bytes=5))
    assert body == b'"abc"'
    with pytest.raises(FrameTooLarge):
        frames.encode("abcd", limit_bytes=5)


@pytest.mark.parametrize("kept", [1, 3, 4, 7])
def test_an_end_inside_a_frame_is_truncated(kept: int) -> None:
    deframer = frames.Deframer()
    assert list(deframer.feed(frames.encode("hello")[:kept])) == []
    with pytest.raises(FrameTruncated):
        deframer.finish()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff",
        b"[]",
        b'{"ask": {}}',
        b'{"id": "x", "ask": {}}',
        b'{"id": 1}',
        b'{"id": 1, "ask": {}, "drop": true}',
        b'{"id": 1, "ask": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_call_is_malformed(body: bytes) -> None:
    with pytest.raises(FrameMalformed):
        frames.decode_call(body)


@pytest.mark.parametrize(
    "body", [b"{", b'{"id": 1}', b'{"id": 1, "ok": 1, "item": 2}', b'{"ok": {}}']
)
def test_what_is_no_reply_is_malformed(body: bytes) -> None:
    with pytest.raises(FrameMalformed):
        frames.decode_reply(body)


def test_an_error_arrives_as_it_left() -> None:
    left = KeyTaken(
        "key 'x' belongs to #7",
        field="key",
        nearest="y",
        retry_after_s=1.5,
        details={"job": 7},
    )
    [body] = frames.Deframer().feed(frames.encode_error(9, left))
    reply = frames.decode_reply(body)
    assert reply.error is not None
    arrived = reply.error.error()
    assert type(arrived) is KeyTaken
    assert vars(arrived) == vars(left)


def test_an_error_of_the_future_is_still_an_error() -> None:
    arrived = frames.Failure(code="too_hot", message="it melts").error()
    assert type(arrived) is EngineError
    assert arrived.message == "it melts"


def ask(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def test_a_request_is_read_with_its_type() -> None:
    sent = Cancel(targets=Targets(ids=(1, 2)), why="too slow")
    assert decode_ask(ask(sent)) == sent
    assert decode_ask(ask({"verb": "stats"})) == GetStats()


def test_an_unknown_verb_names_the_nearest() -> None:
    with pytest.raises(InvalidSpec) as caught:
        decode_ask(ask({"verb": "cancle"}))
    assert caught.value.nearest == "cancel"


@pytest.mark.parametrize("value", [{"verb": "show", "id": "x"}, {"verb": 3}, {}, [], None])
def test_a_bad_request_is_not_a_bad_frame(value: object) -> None:
    with pytest.raises(InvalidSpec):
        decode_ask(ask(value))
