"""Two jobs side by side, as lines: the name of each thing, and what it is of either."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.job.comparison import NOTHING, Difference
from crabtui.data.sanitize import sanitize

NAME: Final = 20
"""The most cells that names take."""
MOST: Final = 6
"""Lines of one value; the rest is cut."""


def lines(
    heads: tuple[str, str], found: Sequence[Difference], width: int
) -> Iterator[list[Cell]]:
    """In `width` cells; `heads` name the jobs."""
    name = min(max((cells(each.name) for each in found), default=0), NAME)
    side = max((width - name - 6) // 2, 8)
    pad = " " * (name + 3)
    left, right = (fit(sanitize(head), side) for head in heads)
    yield [(f"{pad}{left}  ", "accent"), (right.rstrip(), "accent")]
    yield []
    for each in found:
        yield from _difference(each, name, side)
    if not found:
        yield [(" they were asked for alike and went alike", "muted")]


def _difference(each: Difference, name: int, side: int) -> Iterator[list[Cell]]:
    lefts, rights = _wrapped(each.left, side), _wrapped(each.right, side)
    for place in range(max(len(lefts), len(rights))):
        said = fit(sanitize(each.name), name) if place == 0 else " " * name
        left = lefts[place] if place < len(lefts) else ""
        right = rights[place] if place < len(rights) else ""
        yield [
            (f" {said}  ", "muted"),
            (f"{fit(left, side)}  ", _tone(each.left)),
            (fit(right, side).rstrip(), _tone(each.right)),
        ]


def _wrapped(text: str, room: int) -> list[str]:
    return (wrap(sanitize(text), room) or [NOTHING])[:MOST]


def _tone(value: str) -> Token:
    return "muted" if value == NOTHING else "text"
