"""A stretch of time laid over cells: which cell an instant is in, and where ticks stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crabtui.data.glyphs import Cell
from crabtui.data.wording import SECOND, UTC_ZONE, Zone, clock

STEPS_S: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000),
)
TICK_CELLS: Final = 10
"""Least distance between two ticks: a time of day and two spaces."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants to cells; `end_at` lies after `start_at`."""

    start_at: int
    end_at: int
    cells: int

    def cell(self, at: int) -> int:
        """The cell of an instant, from 0 to `cells`; what lies outside is at the edge."""
        span = self.end_at - self.start_at
        return min(max((at - self.start_at) * self.cells // span, 0), self.cells)

    @property
    def step(self) -> int:
        """Microseconds between ticks."""
        least = (self.end_at - self.start_at) * TICK_CELLS / self.cells
        steps = [step * SECOND for step in STEPS_S if step * SECOND >= least]
        return steps[0] if steps else STEPS_S[-1] * SECOND

    def ticks(self, zone: Zone = UTC_ZONE) -> Iterator[tuple[int, int]]:
        """Round instants of that zone and their cells, in order."""
        step, shift = self.step, zone.offset_s * SECOND
        at = -(-(self.start_at + shift) // step) * step - shift
        while at < self.end_at:
            place = self.cell(at)
            if place < self.cells:
                yield at, place
            at += step


def times(scale: Scale, zone: Zone = UTC_ZONE) -> str:
    """Times of day, each beginning above its tick; up to 8 cells more than the scale has."""
    drawn = [" "] * (scale.cells + 8)
    for at, place in scale.ticks(zone):
        text = clock(at, zone) if scale.step < 60 * SECOND else clock(at, zone)[:5]
        drawn[place : place + len(text)] = text
    return "".join(drawn)


def ruler(scale: Scale, zone: Zone, now_at: int | None) -> list[Cell]:
    """The axis with an end, and with `now` at its end or inside it; 4 cells more at most."""
    line = ["─"] * scale.cells
    for _, place in scale.ticks(zone):
        line[place] = "┬"
    drawn = "".join(line)
    now = None if now_at is None else scale.cell(now_at)
    if now is None or now >= len(drawn):
        return [(drawn, "line"), ("┤" if now is None else "┤now", "muted")]
    after = drawn[now + 4 :]
    return [(drawn[:now], "line"), ("┤now"[: len(drawn) - now], "muted"), (after, "line")]
