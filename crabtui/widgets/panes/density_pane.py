"""How much happened when: a strip for each level above an axis, and where somebody is on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import events
from textual.message import Message

from crabtui.data.events.density import LEVEL_WORDS, Axis, strip_rows
from crabtui.data.glyphs import Cell, Token
from crabtui.data.past.scrub import Scrub
from crabtui.data.wording import SECOND, UTC_ZONE, Zone, clock, clock_zone, count, full_time
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import EventCounts

LEAD: Final = 6
TAIL: Final = 8
TALL: Final = 30
"""From this height on there is a line that tells where the cursor on the axis is."""
HIGH: Final = 44
"""From this height on each level has two lines."""
DAY: Final = 86_400 * SECOND

_COLOURS: Final[dict[str, Token]] = {"err": "bad", "warn": "warn", "info": "wait"}


class DensityPane(TextPane, can_focus=False):
    """Draws counts on the axis of a `Scrub`; a click goes to a bucket."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DensityPane { height: 6; padding: 0; }
    DensityPane.-low { height: 5; }
    DensityPane.-high { height: 9; }
    """
    LEVELS: ClassVar[tuple[str, ...]] = LEVEL_WORDS[:3]

    class BucketChosen(Message):
        """A bucket was clicked; its number from the epoch."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    class RoomChanged(Message):
        """There is room for so many buckets now."""

        def __init__(self, buckets: int) -> None:
            self.buckets = buckets
            super().__init__()

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(ascii_only=ascii_only)
        self._counts: EventCounts | None = None
        self._scrub = Scrub()
        self._now_at = 0
        self._zone = UTC_ZONE

    def show_counts(self, counts: EventCounts) -> None:
        """Draw other numbers."""
        self._counts = counts
        self.relay()

    def show_scrub(self, scrub: Scrub, now_at: int) -> None:
        """Draw another place in time."""
        self._scrub, self._now_at = scrub, now_at
        height = self.app.size.height
        self.set_class(height < TALL, "-low")
        self.set_class(height >= HIGH, "-high")
        self.relay()

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.relay()

    @property
    def total(self) -> int:
        """How many events the buckets on the screen have, of all levels."""
        return sum(sum(self._numbers(level)) for level in LEVEL_WORDS)

    @property
    def span_text(self) -> str:
        """From when to when the screen reaches: `13:32-14:02`."""
        first, last = self._first, self._first + self._scrub.count
        return "-".join(self._short(at * self._scrub.bucket_s * SECOND) for at in (first, last))

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        buckets = max(width - LEAD - TAIL, 1)
        lines = [line for level in self.LEVELS for line in self._strips(level, buckets)]
        axis = self._axis(buckets)
        blank = " " * LEAD
        lines.append([(blank, "line"), *_ticks(axis, self._zone)])
        lines.append([(blank, "line"), (axis.labels(self._zone), "muted")])
        lines.append(self._pointer(axis))
        return lines

    def on_resize(self) -> None:
        super().on_resize()
        self.post_message(self.RoomChanged(max(self.size.width - LEAD - TAIL, 1)))

    def on_click(self, event: events.Click) -> None:
        """Go to the bucket under the pointer."""
        place = event.x - LEAD
        if 0 <= place < self._scrub.count:
            self.post_message(self.BucketChosen(self._first + place))

    @property
    def _first(self) -> int:
        """The number of the first bucket on the screen."""
        scrub = self._scrub
        last = scrub.bucket_of(self._now_at) if scrub.last is None else scrub.last
        return last - scrub.count + 1

    def _numbers(self, level: str) -> tuple[int, ...]:
        """The counts of the buckets on the screen; 0 where none are known."""
        counts, scrub = self._counts, self._scrub
        if counts is None or counts.bucket_s != scrub.bucket_s:
            return (0,) * scrub.count
        told: tuple[int, ...] = getattr(counts, level)
        shift = self._first - counts.start_at // (counts.bucket_s * SECOND)
        places = range(shift, shift + scrub.count)
        return tuple(told[place] if 0 <= place < len(told) else 0 for place in places)

    def _strips(self, level: str, buckets: int) -> list[list[Cell]]:
        """The lines of a level; the last of them has its name and its sum."""
        numbers = self._numbers(level)
        sum_ = sum(numbers)
        name: Token = _COLOURS[level] if sum_ and level != "info" else "muted"
        rows = strip_rows(numbers, buckets, 2 if self.has_class("-high") else 1)
        lines: list[list[Cell]] = [
            [(" " * LEAD, "muted"), (row, _COLOURS[level])] for row in rows[:-1]
        ]
        last: list[Cell] = [
            (f" {level:<4} ", name),
            (rows[-1], _COLOURS[level]),
            (f"{_brief(sum_) if self._counts else '-':>{TAIL - 1}}", "muted"),
        ]
        return [*lines, last]

    def _axis(self, buckets: int) -> Axis:
        scrub, first = self._scrub, self._first
        cursor = None if scrub.at is None else scrub.bucket_of(scrub.at) - first
        axis = Axis(
            start_at=first * scrub.bucket_s * SECOND,
            bucket_s=scrub.bucket_s,
            count=scrub.count,
            cursor=cursor,
        )
        return axis if buckets == scrub.count else replace(axis, count=buckets)

    def _pointer(self, axis: Axis) -> list[Cell]:
        """What the cursor on the axis points at; blank where everything is live."""
        if axis.cursor is None or self._scrub.at is None:
            return [("", "muted")]
        text = self._long(self._scrub.at)
        room = max(self.size.width - LEAD - len(text) - 3, 0)
        left = LEAD + min(axis.cursor, room)
        return [(" " * left + "└ ", "line"), (text, "accent")]

    def _long(self, at: int) -> str:
        is_near = abs(self._now_at - at) < DAY // 2
        return clock_zone(at, self._zone) if is_near else full_time(at, self._zone)

    def _short(self, at: int) -> str:
        far = self._scrub.bucket_s * self._scrub.count * SECOND >= DAY
        return full_time(at, self._zone)[5:16] if far else clock(at, self._zone)[:5]


def _brief(number: int) -> str:
    """`9,204`, `276k`, `12M`: it never touches the picture beside it."""
    if number < 100_000:
        return count(number)
    return f"{count(number // 1_000)}k" if number < 10_000_000 else f"{number // 1_000_000}M"


def _ticks(axis: Axis, zone: Zone) -> list[Cell]:
    """The axis, its cursor in accent."""
    text = axis.ticks(zone)
    if axis.cursor is None or not 0 <= axis.cursor < axis.count:
        return [(text, "line")]
    here = axis.cursor
    return [(text[:here], "line"), (text[here], "accent"), (text[here + 1 :], "line")]
