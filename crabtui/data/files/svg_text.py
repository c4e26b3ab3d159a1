"""The text of a screen, read from the SVG picture of it."""

import html
import re
from collections import defaultdict
from typing import Final

from crabtui.data.fitting import cells

CELL: Final = 12.2
"""Width of a cell in the picture's units."""

_RUN: Final = re.compile(
    r'<text class="[^"]*" x="([\d.]+)" y="[\d.]+" textLength="[\d.]+"'
    r' clip-path="url\(#[^"]*-line-(\d+)\)">([^<]*)</text>'
)


def svg_text(svg: str) -> str:
    """The lines of the screen without trailing space, each ended by a newline."""
    lines: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for x, line, text in _RUN.findall(svg):
        plain = html.unescape(text).replace("\xa0", " ").rstrip("\n")
        lines[int(line)].append((round(float(x) / CELL), plain))
    rows = [_joined(lines.get(number, [])) for number in range(max(lines, default=-1) + 1)]
    return "".join(f"{row}\n" for row in rows)


def _joined(runs: list[tuple[int, str]]) -> str:
    row = ""
    for column, text in sorted(runs):
        row += " " * (column - cells(row)) + text
    return row.rstrip()
