"""The beginning of a file as lines that can be shown, whatever is in it."""

from collections.abc import Iterator
from typing import Final

from crabtui.data.glyphs import Cell
from crabtui.data.logs.words import size_text
from crabtui.data.sanitize import sanitize

MOST_LINES: Final = 2_000
LONGEST: Final = 1_000
"""Characters of one line."""


def lines(data: bytes, size: int) -> Iterator[list[Cell]]:
    """Its text; of what is none, how much it is. `size` is that of the whole file."""
    if b"\0" in data:
        yield [(f" {size_text(size)} that are no text", "muted")]
        return
    text = data.decode(errors="replace").split("\n")
    for line in text[:MOST_LINES]:
        yield [(f" {sanitize(line.removesuffix(chr(13))[:LONGEST])}", "text")]
    if len(text) > MOST_LINES or len(data) < size:
        yield [(f" … of {size_text(size)}; crabtui artifacts get brings all", "muted")]
