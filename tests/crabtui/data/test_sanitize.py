"""Nothing that a job prints or is called can reach the terminal as a command."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crabtui.data.sanitize import decode, sanitize, sanitize_log

SGR = re.compile(r"\x1b\[[0-9;:]*m")
BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x90\x9d[]PX^_;m0123?hJ\x07\\\r\n\t\u202e\ufeff"),
    )
)


def is_dangerous(char: str) -> bool:
    code = ord(char)
    return code < 0x20 or 0x7F <= code < 0xA0 or code in BIDI or 0xD800 <= code < 0xE000


@given(HOSTILE)
@example("\x1b\x1b[31m]0;owned\x07")
@example("\x1b[\x1b[0m2J")
@example("a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\")
def test_a_sanitised_line_holds_no_control(text):
    assert not [char for char in sanitize(text) if is_dangerous(char)]


@pytest.mark.parametrize("unseen", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_what_has_no_width_is_seen(unseen):
    """Two names never look the same, and what terminals join takes the room that we think."""
    assert sanitize(f"ad{unseen}min") == sanitize_log(f"ad{unseen}min") == "ad\ufffdmin"


@given(HOSTILE)
@example("\x1b]0;\x1b[31mx\x07")
def test_a_sanitised_log_holds_only_colours_tabs_and_breaks(text):
    rest = SGR.sub("", sanitize_log(text))
    assert not [char for char in rest if is_dangerous(char) and char not in "\t\n"]


@given(HOSTILE)
def test_sanitising_twice_changes_nothing(text):
    assert sanitize(sanitize(text)) == sanitize(text)
    assert sanitize_log(sanitize_log(text)) == sanitize_log(text)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs"))))
def test_ordinary_text_stays(text):
    kept = "".join(char for char in text if unicodedata.category(char) != "Cf")
    assert sanitize(kept) == kept


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("train\x1b[2Jme", "trainme"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]52;c;aGk=\x1b\\x", "x"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("bell\x07", "bell␇"),
        ("two\nlines", "two␊lines"),
        ("a\tb", "a   b"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("\udc80", "\ufffd"),
        ("[red]not markup[/]", "[red]not markup[/]"),
        ("日本語", "日本語"),
    ],
)
def test_known_attacks(raw, shown):
    assert sanitize(raw) == shown


def test_colours_stay_in_logs():
    assert sanitize_log("\x1b[31mred\x1b[0m\x1b[2K\x1b]0;t\x07!") == "\x1b[31mred\x1b[0m!"


@given(st.binary())
def test_any_bytes_decode(data):
    assert isinstance(decode(data), str)
