"""How much happened when: counts as strips of one cell a bucket, and the axis below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crabtui.data.gauges import STEPS
from crabtui.data.wording import SECOND, UTC_ZONE, Zone, clock

LEVEL_WORDS: Final = ("err", "warn", "info", "debug")

ZOOMS: Final = (10, 30, 60, 300, 900, 3_600, 21_600)
"""Widths of a bucket in seconds, from near to far."""

STEPS_TO_LABEL: Final = {10: 12, 30: 10, 60: 10, 300: 12, 900: 12, 3_600: 12, 21_600: 12}
"""Buckets from one tick of the axis to the next, by their width, so that times are round."""

LABEL: Final = 10
"""The same, for widths that are no zoom."""

DAY_S: Final = 86_400


def strip(numbers: Sequence[int], width: int) -> str:
    """The newest `width` numbers, one cell each; blank where nothing happened."""
    shown = list(numbers[-width:]) if width > 0 else []
    top = max(shown, default=0)
    return "".join(_cell(number, top) for number in shown).rjust(width)


def strip_rows(numbers: Sequence[int], width: int, rows: int) -> list[str]:
    """The same, `rows` high: the top row first."""
    shown = list(numbers[-width:]) if width > 0 else []
    top = max(shown, default=0)
    heights = [max(-(-n * len(STEPS) * rows // top), 1) if n > 0 else 0 for n in shown]
    lines = []
    for row in reversed(range(rows)):
        left = (min(max(height - row * len(STEPS), 0), len(STEPS)) for height in heights)
        lines.append("".join(STEPS[part - 1] if part else " " for part in left).rjust(width))
    return lines


def _cell(number: int, top: int) -> str:
    if number <= 0:
        return " "
    return STEPS[max(-(-number * len(STEPS) // top), 1) - 1]


def zoomed(bucket_s: int, steps: int) -> int:
    """The width of a bucket after `steps` nearer (negative: further), stopping at the ends."""
    place = min(range(len(ZOOMS)), key=lambda i: abs(ZOOMS[i] - bucket_s))
    return ZOOMS[max(0, min(place - steps, len(ZOOMS) - 1))]


def width_text(seconds: int) -> str:
    """`30s`, `5m`, `1h`: a width of a bucket, or of all of them."""
    sizes = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s"))
    for size, unit, small, part in sizes:
        if seconds >= size:
            rest = seconds % size // small
            return f"{seconds // size}{unit}" + (f"{rest:02}{part}" if rest else "")
    return f"{seconds}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A row of buckets, and which of them is looked at."""

    start_at: int
    """Where the first bucket begins, UTC microseconds; a multiple of its width."""
    bucket_s: int
    count: int
    cursor: int | None = None
    """The bucket that is looked at, from 0; None: now, after the last one."""

    def ticks(self, zone: Zone = UTC_ZONE) -> str:
        """`┬─────┬──▲──┤`: a tick where a label stands, the cursor, and where the past ends."""
        cells = ["─"] * self.count
        for place in self._places(zone):
            cells[place] = "┬"
        if self.cursor is None and cells:
            cells[-1] = "┤"
        elif self.cursor is not None and 0 <= self.cursor < self.count:
            cells[self.cursor] = "▲"
        return "".join(cells)

    def labels(self, zone: Zone = UTC_ZONE) -> str:
        """The time of each tick, or the day where one begins."""
        text = ""
        for place in self._places(zone):
            label = self._label(place, zone)
            if place + len(label) <= self.count:
                text = text.ljust(place) + label
        return text.ljust(self.count)

    def _places(self, zone: Zone) -> range:
        """Buckets with a tick: those that begin at round times of the zone."""
        step = STEPS_TO_LABEL.get(self.bucket_s, LABEL)
        number = (self.start_at // SECOND + zone.offset_s) // self.bucket_s
        return range(-number % step, self.count, step)

    def _label(self, place: int, zone: Zone) -> str:
        second = self.start_at // SECOND + place * self.bucket_s + zone.offset_s
        if self.bucket_s >= 3_600 and second % DAY_S == 0:
            return (date(1970, 1, 1) + timedelta(days=second // DAY_S)).strftime("%d %b")
        return clock(second * SECOND)[:5]
