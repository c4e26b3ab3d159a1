"""Aligned tables for terminals and files."""

import shutil
import unicodedata
from collections.abc import Sequence
from typing import Final

from crabtui.cli.printing.output import in_colour, on_terminal
from crabtui.data.sanitize import sanitize

COLOURS: Final = {
    "running": "32",
    "succeeded": "2",
    "failed": "31",
    "timeout": "31",
    "canceled": "2",
    "skipped": "2",
    "retrying": "33",
    "ok": "32",
    "closed": "33",
    "heading": "1",
}
"""SGR codes by what a cell says; never the only sign of it."""


GAP: Final = "  "
NARROWEST: Final = 8
"""Cells that a column keeps, however narrow the terminal."""


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: frozenset[str] = frozenset(),
    coloured: str = "",
) -> list[str]:
    """The rows under their headings, columns two spaces apart, ready to print.

    Args:
        headings: Names of the columns.
        rows: One text for each column; sanitised here.
        right: Columns whose text stands at the right.
        coloured: The column whose text chooses its own colour.
    """
    cells = [[sanitize(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(headings, *cells, strict=True)]
    if on_terminal():
        widths = shrunk(widths, shutil.get_terminal_size().columns)
    shape = list(zip(headings, widths, strict=True))
    lines = [paint("heading", GAP.join(_fitted(shape, headings, right)).rstrip())]
    for row in cells:
        parts = _fitted(shape, row, right)
        if coloured:
            at = headings.index(coloured)
            parts[at] = paint(row[at], parts[at])
        lines.append(GAP.join(parts).rstrip())
    return lines


def fields(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Names and values, one pair a line; pairs without a value are left out."""
    known = [(name, sanitize(value)) for name, value in pairs if value]
    longest = max((len(name) for name, _ in known), default=0)
    return [f"{name:<{longest}}  {value}" for name, value in known]


def width(text: str) -> int:
    """Cells that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def clip(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, its end marked if something is missing."""
    if width(text) <= cells:
        return text
    kept, room = "", cells - 1
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept += char
    return kept + "…"


def paint(word: str, text: str) -> str:
    """`text` in the colour of `word`, where colours are wanted."""
    code = COLOURS.get(word.partition(",")[0])
    return f"\x1b[{code}m{text}\x1b[0m" if code and in_colour() else text


def shrunk(widths: Sequence[int], columns: int) -> list[int]:
    """The widths made to fit into `columns`, at the cost of the widest ones.

    None becomes narrower than `NARROWEST`, even if they do not fit then.
    """
    fitted = list(widths)
    excess = sum(fitted) + len(GAP) * (len(fitted) - 1) - columns
    while excess > 0 and max(fitted) > NARROWEST:
        widest = max(fitted)
        others = [each for each in fitted if each < widest]
        step = min(excess, widest - max([*others, NARROWEST]) or 1)
        fitted[fitted.index(widest)] -= step
        excess -= step
    return fitted


def _fitted(
    shape: Sequence[tuple[str, int]], row: Sequence[str], right: frozenset[str]
) -> list[str]:
    fitted = []
    for (heading, cells), cell in zip(shape, row, strict=True):
        text = clip(cell, cells)
        gap = " " * (cells - width(text))
        fitted.append(gap + text if heading in right else text + gap)
    return fitted


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
