"""Frames between a pool and its processes, in any pieces, and garbage in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calls import Call
from engine.tools.frames import (
    Cancel,
    Describe,
    Described,
    Description,
    Ended,
    Ends,
    FrameError,
    Frames,
    Invocation,
    Invoke,
    Module,
    frame,
)
from engine.tools.results import as_json

TOLD = [
    Describe(("a", "b"), ("/x",)),
    Invoke((Invocation("1-1-1", Call(tool="add", args={"a": [1, None]}), "/logs", "{}"),)),
    Cancel("1-1-1"),
]
SAID = [
    Described(
        (Module("a", "ff", "", "/a.py"),), (Description(name="t", module="a", kind="io"),)
    ),
    Ends((Ended("1-1-1", b"1"), Ended("2-1-1", error={"type": "E"}))),
]


@given(st.lists(st.integers(1, 50)))
def test_frames_arrive_in_whatever_pieces(cuts: list[int]) -> None:
    data, frames, found = b"".join(map(frame, TOLD)), Frames(), []
    for cut in [*cuts, len(data)]:
        piece, data = data[:cut], data[cut:]
        found += frames.told(piece)
    assert found == TOLD


def test_what_is_said_arrives() -> None:
    assert list(Frames().said(b"".join(map(frame, SAID)))) == SAID


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02ab", frame(SAID[1])])
def test_garbage_is_no_frame(data: bytes) -> None:
    with pytest.raises(FrameError):
        list(Frames().told(data))


def test_results_that_cannot_be_kept_are_errors() -> None:
    assert as_json({"a": [1]}) == b'{"a":[1]}'
    for value in (object(), {1: object()}, "x" * 300_000):
        assert not isinstance(as_json(value), bytes)
    endless: list[object] = []
    endless.append(endless)
    assert not isinstance(as_json(endless), bytes)
