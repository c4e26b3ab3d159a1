"""Colours: readable on every ground, absent where none are wanted."""

import pytest
from textual.color import Color

from crabtui import theme
from crabtui.widgets.virtual_table import VirtualTable
from tests.crabtui.data.rows import NOW, a_page
from tests.crabtui.widgets.stage import Stage

GROUNDS = ("background", "surface", "raised")
TEXTS = tuple(name for name in theme.TOKENS if name != "line")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""

    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(share) for share in Color.parse(colour).normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["crab-dark", "crab-light"])
@pytest.mark.parametrize("token", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable(name, token, ground):
    palette = theme.PALETTES[name]
    lights = sorted((luminance(palette[token]), luminance(palette[ground])))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


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
        ("no such theme", {}, "crab-dark"),
    ],
)
def test_the_theme_to_start_with(wanted, environ, chosen):
    assert theme.choose(wanted, environ) == chosen


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
