"""Colours: readable on every ground, absent where none are wanted."""

import pytest
from textual.color import Color

from crabtui import theme
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.errors import InvalidSpec
from tests.crabtui.data.rows import NOW, a_page
from tests.crabtui.widgets.stage import Stage

GROUNDS = ("background", "surface", "raised")
TEXTS = tuple(name for name in theme.TOKENS if name != "line")


COLOURED = [name for name in theme.PALETTES if not theme.is_terminal_coloured(name)]
SIGHTS = {
    "common": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.43388, 0.37622, 0.18991], [0.2126, 0.7152, 0.0722], [0.01772, 0.10947, 0.87291]]
"""From linear light to CIE XYZ, white being 1, 1, 1."""


def linear(share: float) -> float:
    """Light of a part of a colour, both in 0..1."""
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = (linear(share) for share in Color.parse(colour).normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("token", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable(name, token, ground):
    palette = theme.PALETTES[name]
    least = 7 if name == "high-contrast" else 4.5
    assert contrast(palette[token], palette[ground]) >= least


@pytest.mark.parametrize("name", COLOURED)
def test_the_row_under_the_cursor_stands_out_and_rules_are_seen(name):
    palette = theme.PALETTES[name]
    assert contrast(palette["raised"], palette["background"]) >= 1.15
    assert contrast(palette["line"], palette["background"]) >= 1.6


def matrix_times(matrix, values):
    return [sum(map(float.__mul__, row, values)) for row in matrix]


def seen_lab(colour, sight):
    """A colour in CIE Lab as somebody with this sight sees it.

    Source: Machado, Oliveira, Fernandes 2009, severity 1.0.
    """
    light = [linear(share) for share in Color.parse(colour).normalized]
    seen = [min(max(share, 0.0), 1.0) for share in matrix_times(SIGHTS[sight], light)]
    x, y, z = matrix_times(XYZ, seen)
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one, other, sight):
    pairs = zip(seen_lab(one, sight), seen_lab(other, sight), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


@pytest.mark.parametrize(
    ("name", "sight"),
    [
        ("crab-dark", "common"),
        ("crab-light", "common"),
        ("high-contrast", "common"),
        ("deuteranopia", "deuteranopia"),
        ("deuteranopia", "protanopia"),
        ("tritanopia", "tritanopia"),
    ],
)
@pytest.mark.parametrize(
    ("one", "other"),
    [("run", "warn"), ("run", "bad"), ("warn", "bad"), ("ok", "bad"), ("ok", "warn")],
)
def test_good_doubtful_and_bad_are_told_apart(name, sight, one, other):
    palette = theme.PALETTES[name]
    assert distance(palette[one], palette[other], sight) >= 25


def test_the_plain_theme_is_not_enough_for_everybody():
    palette = theme.PALETTES["crab-dark"]
    assert distance(palette["run"], palette["bad"], "deuteranopia") < 25


def test_every_theme_has_a_colour_for_every_token():
    for palette in theme.PALETTES.values():
        assert set(theme.TOKENS) <= set(palette)


@pytest.mark.parametrize(
    ("wanted", "environ", "chosen"),
    [
        (None, {}, "crab-dark"),
        ("crab-light", {}, "crab-light"),
        (None, {"CRABTUI_THEME": "ansi"}, "ansi"),
        ("crab-light", {"CRABTUI_THEME": "ansi"}, "crab-light"),
        (None, {"COLORFGBG": "0;15"}, "crab-light"),
        (None, {"COLORFGBG": "15;0"}, "crab-dark"),
        ("crab-dark", {"NO_COLOR": "1"}, "mono"),
        (None, {"NO_COLOR": ""}, "crab-dark"),
        ("tritanopia", {"COLORFGBG": "0;15"}, "tritanopia"),
    ],
)
def test_the_theme_to_start_with(wanted, environ, chosen):
    assert theme.choose(wanted, environ) == chosen


@pytest.mark.parametrize(
    ("wanted", "environ", "said"),
    [
        ("crab-drak", {}, "unknown theme 'crab-drak': did you mean 'crab-dark'?"),
        ("xyz", {"NO_COLOR": "1"}, "one of: ansi, crab-dark"),
        (None, {"CRABTUI_THEME": "dueteranopia"}, "theme of CRABTUI_THEME 'dueteranopia'"),
    ],
)
def test_an_unknown_theme_is_an_error_with_the_nearest_one(wanted, environ, said):
    with pytest.raises(InvalidSpec) as caught:
        theme.choose(wanted, environ)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("environ", "is_ascii"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_ALL": "C.utf8"}, False),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, True),
        ({}, True),
    ],
)
def test_ascii_where_signs_cannot_be_shown(environ, is_ascii):
    assert theme.is_ascii_wanted(environ) is is_ascii


@pytest.mark.parametrize("name", theme.THEMES)
async def test_a_theme_can_be_changed_while_the_table_is_shown(name):
    async with Stage(VirtualTable(now_at=NOW)).run_test(size=(80, 6)) as pilot:
        table = pilot.app.widget
        table.show(table.board.apply(a_page([1, 2])))
        await pilot.pause()
        pilot.app.theme = name
        await pilot.pause()
        colours = {segment.style.color for segment in table.render_line(2)}
        muted = theme.PALETTES[name]["muted"]
        if muted.startswith("#"):
            assert muted.lower() in {colour.name for colour in colours}
        else:
            assert all(colour.is_default or colour.number < 16 for colour in colours)
