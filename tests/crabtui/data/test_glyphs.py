"""Every sign is one cell wide, no emoji, and has an ASCII stand-in."""

import ast
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

import crabtui
from crabtui.data import glyphs
from engine.model.states import State
from tests.crabtui.data.rows import NOW, a_row

EMOJI_BMP = (
    "00A9 00AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA"
    " 24C2 25AA-25AB 25B6 25C0 25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623"
    " 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653 265F-2660 2663 2665-2666 2668 267B"
    " 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE 26C4-26C5"
    " 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 2708-270D 270F"
    " 2712 2714 2716 271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764"
    " 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299"
)
"""Unicode's Emoji property in the basic plane, without ASCII (emoji-data.txt, 15.1)."""

EMOJI = {
    code
    for span in EMOJI_BMP.split()
    for low, _, high in [span.partition("-")]
    for code in range(int(low, 16), int(high or low, 16) + 1)
}
ROOT = Path(crabtui.__file__).parent
ALL = (
    *glyphs.STATES.values(),
    glyphs.DEPENDS,
    glyphs.SCHEDULED,
    glyphs.CANCELING,
    glyphs.UNREACHABLE,
    glyphs.HELD,
    glyphs.CURSOR,
)


def test_the_emoji_list_knows_the_usual_traps():
    assert {ord("▶"), ord("◀"), ord("⚠"), ord("✔"), ord("ℹ")} <= EMOJI


@pytest.mark.parametrize("sign", [*(glyph.sign for glyph in ALL), *glyphs.DECOR])
def test_signs_are_narrow_and_no_emoji(sign):
    assert len(sign) == cell_len(sign) == 1
    assert ord(sign) not in EMOJI


@pytest.mark.parametrize("sign", [*(glyph.sign for glyph in ALL), *glyphs.DECOR])
def test_signs_have_an_ascii_stand_in_of_one_cell(sign):
    plain = glyphs.to_ascii(sign)
    assert len(plain) == 1
    assert plain.isascii()
    assert sign == "?" or plain != "?"


def test_every_state_has_its_own_sign_in_both_alphabets():
    assert set(glyphs.STATES) == set(State)
    for drawn in (lambda g: g.sign, lambda g: g.ascii, lambda g: g.letter):
        assert len({drawn(glyph) for glyph in glyphs.STATES.values()}) == len(State)


@pytest.mark.parametrize(
    ("row", "sign"),
    [
        (a_row(state="pending"), "◌"),
        (a_row(state="pending", unmet=1, wake_at=NOW), "◇"),
        (a_row(state="pending", wake_at=NOW), "◔"),
        (a_row(state="running"), "●"),
        (a_row(state="running", stopping=True), "◍"),
        (a_row(state="queued", cancel_at=NOW), "◍"),
        (a_row(state="running", stopping=True, unreachable_at=NOW), "?"),
        (a_row(state="something newer"), "◌"),
    ],
)
def test_what_is_in_doubt_is_shown_first(row, sign):
    assert glyphs.state_glyph(row).sign == sign


def test_foreign_text_becomes_ascii_too():
    assert glyphs.to_ascii("日本 ● …") == "?? * ~"
    assert re.fullmatch(r"[ -~]*", glyphs.to_ascii("naïve ⟨x⟩"))


PARTS = ("", "acts", "data", "dialogs", "doing", "views", "widgets")
"""What draws on the console; the command line prints."""
FILES = sorted(path for part in PARTS for path in (ROOT / part).glob("*.py"))
FOR_TEXT_OF_OTHERS = {"sanitize.py", "ansi.py", "long_line.py", "svg_text.py"}
"""Files with stand-ins for what jobs print."""


def docstrings(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", [])
        for each in body if isinstance(body, list) else []:
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                yield each.value


def drawn_signs(code):
    """Every sign beyond ASCII in the strings of a module, with its line."""
    tree = ast.parse(code)
    told = set(map(id, docstrings(tree)))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
        ):
            yield from ((sign, node.lineno) for sign in node.value if not sign.isascii())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_is_drawn_has_a_stand_in(path):
    lost = [
        (sign, line)
        for sign, line in drawn_signs(path.read_text())
        if glyphs.to_ascii(sign) == "?" or ord(sign) in EMOJI
    ]
    assert path.name in FOR_TEXT_OF_OTHERS or lost == []


def test_the_search_for_signs_bites():
    assert list(drawn_signs('"""▶"""\nx = f"a ▶ {b}"')) == [("▶", 2)]
