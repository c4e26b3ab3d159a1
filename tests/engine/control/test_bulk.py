"""Pieces of NDJSON: whole lines, none lost, none too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.bulk import chunked, conversation
from engine.control.messages import SubmitBegin, SubmitChunk, SubmitCommit
from engine.errors import InvalidSpec

line = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=15)


@given(st.lists(line), st.integers(62, 100))
def test_pieces_hold_the_lines_in_order(lines: list[str], limit: int) -> None:
    pieces = list(chunked((text + "\n" for text in lines), limit))
    kept = [text + "\n" for text in lines if text.strip()]
    assert "".join(pieces) == "".join(kept)
    assert all(len(piece.encode()) <= limit and piece.endswith("\n") for piece in pieces)


def test_a_line_above_the_limit_is_named() -> None:
    with pytest.raises(InvalidSpec, match="line 3 has 10 bytes") as caught:
        list(chunked(["a", "", "x" * 10, "b"], 10))
    assert caught.value.field == "jobs[2]"


def test_half_a_character_is_named() -> None:
    with pytest.raises(InvalidSpec, match="line 2 has half a character"):
        list(chunked(["a", "\ud800"]))


def test_a_conversation_begins_and_ends() -> None:
    asks = list(conversation(["a\nb\n", "c\n"], request_key="k", cwd="/", env={"A": "1"}))
    assert asks == [
        SubmitBegin(count=3, cwd="/", env={"A": "1"}, request_key="k"),
        SubmitChunk(lines="a\nb\n"),
        SubmitChunk(lines="c\n"),
        SubmitCommit(),
    ]
