"""Searches of logs: what they mean, and that no host leaves out a line that has them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.log_pattern import parse_pattern, readable
from engine.runner.log_search import Wanted

PATTERNS = [
    "error", "Error", "ünder", "e\u212a", "a b", "/er+or/", "/^out of (memory|disk)$/",
    "/[0-9]{3}/", "/x|y/", "/(ab)+c/", "/a\\.b/", "/colou?r=\\S+ end/", "[error]", "/e.\u00dc/",
]  # fmt: skip
TEXT = st.text("erorEROR kK\u212aüÜaxbyc.0123\x1b[31m\r\t\udcff".replace("\udcff", "\ufffd"))
PIECES = st.lists(
    st.sampled_from(
        [
            b"error", b"ERROR", b"out of memory", b"123", b"x", b"abab", b"c", b"a.b", b"\r",
            b"\x1b[31m", b"\x1b[0m", "Ünder".encode(), b"\xff", b" ", b"color=a end",
            b"[ErrOr]",
        ]
    )
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@given(PIECES, TEXT)
def test_the_bytes_that_are_looked_for_are_in_every_line_that_has_it(pattern, pieces, text):
    found = parse_pattern(pattern)
    line = b"".join(pieces) + text.encode().replace(b"\n", b"")
    if found.occurs(line):
        assert Wanted(found.literal, found.folds).is_in(line)


@pytest.mark.parametrize(
    ("pattern", "line", "is_there"),
    [
        ("error", "an ERROR", True),
        ("Error", "an ERROR", False),
        ("[error]", "x[ERROR]y", True),
        ("/err.r$/", "an errxr", True),
        ("/err.r$/", "an errxr!", False),
        ("/Time.ut/", "timeout", False),
        ("/\\S+=\\d+/", "n=12", True),
        ("red", "\x1b[31mre\x1b[0md", True),
        ("50%", "50%\r60%\r\n".strip("\n"), False),
        ("60%", "50%\r60%\r", True),
        ("über", "ÜBER", True),
    ],
)
def test_what_a_search_means(pattern, line, is_there):
    assert parse_pattern(pattern).occurs(line.encode()) is is_there


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "nothing to search for"),
        ("a\nb", "one line"),
        ("x" * 201, "at most 200 characters"),
        ("/(a/", "a '(' is never closed"),
        ("/(?=a)/", "of groups"),
        ("a\udcffb", "no UTF-8"),
    ],
)
def test_what_cannot_be_searched_for_is_said(pattern, says):
    with pytest.raises(InvalidSpec, match=re.escape(says)) as refused:
        parse_pattern(pattern)
    assert refused.value.field == "pattern"


@given(st.text("ab \u00fc", max_size=30))
def test_matches_are_where_they_are(text):
    for pattern, like in (("/a+b?/", "a+b?"), ("ab", "ab"), ("/a|ab/", "ab|a")):
        spans = [match.span() for match in re.finditer(like, text)]
        assert parse_pattern(pattern).spans(text) == spans


def test_no_pattern_makes_marking_slow():
    found = parse_pattern("/(a|a)*(a|a)*(a|a)*b/")
    assert found.spans("a" * 20_000) == []


def test_a_line_is_read_without_what_moved_the_terminal():
    assert readable(b"\x1b]0;title\x07one\r\x1b[2Ktwo\r") == "two"
