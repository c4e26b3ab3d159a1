"""The text of a screen, read from the SVG picture of it."""

import io

from rich.console import Console
from rich.text import Text

from crabtui.data.files.svg_text import svg_text

LINES = ("plain", "  two  gaps", "a <b> & 'c'", "日本語 x ● end", "", "last")


def test_lines_come_back_as_they_were():
    console = Console(width=40, record=True, file=io.StringIO(), force_terminal=True)
    for line in LINES:
        text = Text(line)
        text.stylize("bold red", 3, 7)
        console.print(text)
    assert svg_text(console.export_svg(title="t")).splitlines() == [*LINES]


def test_a_picture_without_text_is_empty():
    assert svg_text("<svg></svg>") == ""
