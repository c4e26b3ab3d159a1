"""Bars and sparklines: how full something is, and how it went."""

from collections.abc import Sequence
from typing import Final

from crabtui.data.glyphs import Cell, Token

STEPS: Final = "▁▂▃▄▅▆▇█"


def bar(part: int, whole: int | None, width: int, token: Token = "run") -> list[Cell]:  # noqa: S107 - a colour
    """How much of `whole` is taken, in `width` cells; blank without a whole."""
    if not whole:
        return [(" " * width, "line")]
    full = min(width, -(-max(part, 0) * width // whole))
    return [("▇" * full, token), ("░" * (width - full), "line")]


def spark(values: Sequence[int], width: int) -> str:
    """The newest at the right end, the highest of each group, against the highest of all."""
    if not values:
        return " " * width
    each = -(-len(values) // width)
    groups = [values[max(end - each, 0) : end] for end in range(len(values), 0, -each)]
    peaks = [max(group) for group in reversed(groups)]
    top = max(peaks)
    drawn = "".join(STEPS[_step(peak, top)] for peak in peaks)
    return drawn.rjust(width)


def _step(value: int, top: int) -> int:
    if value <= 0 or top <= 0:
        return 0
    return max(1, -(-value * (len(STEPS) - 1) // top))
