"""One line of a log, however long, in rows to read."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from crabtui.data.fitting import cells
from crabtui.data.glyphs import Cell
from crabtui.data.logs.ansi import TAB, without_colours
from crabtui.data.sanitize import decode, sanitize_log

MOST_BYTES: Final = 2**20


def long_line(data: bytes) -> Callable[[int], Sequence[Sequence[Cell]]]:
    """What gives the rows of a line for a width; of a very long line, of its first MiB."""
    shown = sanitize_log(decode(data[:MOST_BYTES].removesuffix(b"\r")))
    text = without_colours(shown).replace("\n", "␊").expandtabs(TAB)

    def rows(width: int) -> Sequence[Sequence[Cell]]:
        return [[(row, "text")] for row in _rows(text, max(width - 1, 2))]

    return rows


def _rows(text: str, width: int) -> Iterator[str]:
    """The text in rows of at most so many cells."""
    while text:
        taken = width
        while cells(text[:taken]) > width:
            taken -= max((cells(text[:taken]) - width + 1) // 2, 1)
        yield text[:taken]
        text = text[taken:]
