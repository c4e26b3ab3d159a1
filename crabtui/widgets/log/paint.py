"""Drawing one line of a log: colours that the job sent, matches marked, wrapped or not."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from crabtui.data.glyphs import to_ascii
from crabtui.data.logs.ansi import PLAIN, Look, Run, is_cut, parse_line
from engine.model.log_pattern import LogPattern

MOST_MARKS = 100
"""Matches that stand out in one line."""


@lru_cache(256)
def style_of(look: Look) -> Style:
    """The terminal's own palette for 0 to 255, exact colours otherwise."""
    return Style(
        color=_colour(look.colour),
        bgcolor=_colour(look.ground),
        bold=look.bold or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
    )


def _colour(colour: int | str | None) -> Color | None:
    if colour is None:
        return None
    return Color.from_ansi(colour) if isinstance(colour, int) else Color.parse(colour)


def strip_of(
    data: bytes,
    base: Style,
    match: Style,
    pattern: LogPattern | None,
    *,
    ascii_only: bool = False,
) -> Strip:
    """The line as far as it is shown; what `pattern` finds in it stands out."""
    runs: Sequence[Run] = parse_line(data)
    if is_cut(data):
        runs = [*runs, (" … enter shows all", PLAIN)]
    segments = []
    for text, look, is_match in marked(runs, pattern):
        style = base if look is PLAIN else base + style_of(look)
        shown = to_ascii(text) if ascii_only else text
        segments.append(Segment(shown, style + match if is_match else style))
    return Strip(segments)


def marked(runs: Sequence[Run], pattern: LogPattern | None) -> Iterator[tuple[str, Look, bool]]:
    """The runs, cut where a match begins or ends."""
    text = "".join(text for text, _ in runs)
    spans = pattern.spans(text)[:MOST_MARKS] if pattern else []
    at = 0
    for text, look in runs:
        end = at + len(text)
        edges = {edge for span in spans for edge in span if at < edge < end}
        cuts = sorted({at, end, *edges})
        for start, stop in pairwise(cuts):
            inside = any(first <= start < last for first, last in spans)
            yield text[start - at : stop - at], look, inside
        at = end


def wrapped(strip: Strip, width: int) -> list[Strip]:
    """The strip in rows of at most `width` cells; at least one row."""
    if strip.cell_length <= width or width < 2:
        return [strip]
    cuts = list(range(width, strip.cell_length, width))
    return list(strip.divide([*cuts, strip.cell_length]))
