"""Log lines: colours parsed, progress bars collapsed, everything else harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.logs.ansi import MOST_BYTES, PLAIN, Look, is_cut, parse_line, text_of


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"hello\r", "hello"),
        (b"hello\r\r", "hello"),
        (b"10%\r50%\r100%", "100%"),
        (b"10%\r100%\r", "100%"),
        (b"", ""),
        (b"\r", ""),
        (b"a\tb", "a       b"),
        (b"\x1b[31mred\x1b[0m\tx", "red     x"),
        (b"\x1b]0;title\x07x\x1b[2Jy\x1b[10;10H", "xy"),
        (b"\xff\xfe\x9b31m", "\ufffd\ufffd\ufffd31m"),
        ("a\u2028b".encode(), "a\ufffdb"),
        (b"[red]x[/]", "[red]x[/]"),
    ],
)
def test_what_a_line_reads(raw, text):
    assert "".join(run for run, _ in parse_line(raw)) == text
    assert text_of(raw) == text


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        ("1;31", Look(bold=True, colour=1)),
        ("92", Look(colour=10)),
        ("41", Look(ground=1)),
        ("38;5;208", Look(colour=208)),
        ("38;2;1;2;255", Look(colour="#0102ff")),
        ("38:2:1:2:255", Look(colour="#0102ff")),
        ("48;5;300", PLAIN),
        ("38;2;1", PLAIN),
        ("3;4;7", Look(italic=True, underline=True, reverse=True)),
        ("31;0", PLAIN),
        ("31;39;1;22", PLAIN),
        ("", PLAIN),
        ("5;8;73", PLAIN),
        ("99999999999999", PLAIN),
    ],
)
def test_colours(codes, look):
    assert parse_line(f"\x1b[{codes}mx".encode()) == [("x", look)]


def test_a_colour_lasts_until_it_is_changed():
    assert parse_line(b"a\x1b[31mb\x1b[1mc\x1b[0md") == [
        ("a", PLAIN),
        ("b", Look(colour=1)),
        ("c", Look(colour=1, bold=True)),
        ("d", PLAIN),
    ]


def test_a_long_line_is_cut():
    assert len(text_of(b"x" * 10_000)) == MOST_BYTES
    assert is_cut(b"x" * 10_000)


@given(st.binary(max_size=300))
def test_any_bytes_are_harmless(data):
    for text, look in parse_line(data):
        assert not [char for char in text if ord(char) < 32 or 127 <= ord(char) < 160]
        assert isinstance(look, Look)
