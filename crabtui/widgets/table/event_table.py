"""The list of events: newest first, with a cursor that holds an event, not a place."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from crabtui.data.events import rows as event_rows
from crabtui.data.events.rows import EventRow
from crabtui.data.glyphs import Cell
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.widgets.lines import Lines
from crabtui.widgets.panes.text_pane import TextPane

NEAR_END = 20
"""Rows from the end at which more are wanted."""


class EventTable(TextPane):
    """Rows that it is given; who stands at the top sees new ones as they come."""

    fixed = 1
    DEFAULT_CSS = """
    EventTable { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="line.down", show=False),
        Binding("k,up", "move(-1)", "up", id="line.up", show=False),
        Binding("g,home", "move(-99999)", "first", id="line.first", show=False),
        Binding("G,end", "move(99999)", "last", id="line.last", show=False),
        Binding("ctrl+d", "move_page(0.5)", "half down", id="line.half_down", show=False),
        Binding("ctrl+u", "move_page(-0.5)", "half up", id="line.half_up", show=False),
        Binding("pagedown", "move_page(1)", "page down", id="line.page_down", show=False),
        Binding("pageup", "move_page(-1)", "page up", id="line.page_up", show=False),
    ]

    class CursorMoved(Message, namespace="event_table"):
        """The cursor stands on another row; `by_hand` if somebody moved it."""

        def __init__(self, *, by_hand: bool) -> None:
            self.by_hand = by_hand
            super().__init__()

    class MoreWanted(Message, namespace="event_table"):
        """The end of the list is near: older events are wanted."""

    class Opened(Message, namespace="event_table"):
        """A row was clicked twice."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(ascii_only=ascii_only)
        self.rows: list[EventRow] = []
        self.place = 0
        """Of the cursor, from 0."""
        self.marks: frozenset[int] = frozenset()
        """Numbers of the events that are marked."""
        self._zone = UTC_ZONE
        self._now_at: int | None = None
        self.ages = False
        """Times are told as ages."""

    @property
    def row(self) -> EventRow | None:
        """What is under the cursor."""
        return self.rows[self.place] if self.place < len(self.rows) else None

    @property
    def is_at_top(self) -> bool:
        return self.place == 0 and self.scroll_offset.y == 0

    def show(self, rows: Iterable[EventRow]) -> None:
        """Draw these; the cursor stays on its row, and that row where it is on the screen.

        Whoever stands on the newest row stays on the newest.
        """
        old, was, at_top = self.row, self.place, self.is_at_top
        self.rows = list(rows)
        self.place = 0 if at_top or old is None else self._place_of(old)
        self.relay()
        if not at_top:
            self._scroll(self.scroll_offset.y + self.place - was)
        self.post_message(self.CursorMoved(by_hand=False))

    def go_to(self, event: int) -> bool:
        """Put the cursor on the row that has this event; False if none has."""
        for place, row in enumerate(self.rows):
            if row.event.seq == event:
                self._go(place)
                return True
        return False

    def show_marks(self, marks: frozenset[int]) -> None:
        """Draw these events as marked."""
        self.marks = marks
        self.refresh()

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.refresh()

    def tick(self, now_at: int) -> None:
        """Let time pass: ages grow, another day may begin."""
        self._now_at = now_at
        if self.ages:
            self.refresh()

    def show_ages(self, *, ages: bool) -> None:
        """Tell times as ages, or as times again."""
        self.ages = ages
        self.refresh()

    # Drawing

    def relay(self) -> None:
        """Lines are made as they are drawn: there may be thousands."""
        self._lines = Lines(len(self.rows) + 1, self._line)
        if len(self._lines) != self.virtual_size.height:
            self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:  # noqa: ARG002
        return self._lines

    def is_raised(self, place: int) -> bool:
        return place == self.place + 1

    def _line(self, place: int) -> list[Cell]:
        width = max(self.size.width, 1)
        if place == 0:
            return [(event_rows.head(width), "muted")]
        row = self.rows[place - 1]
        return event_rows.cells(
            row,
            width,
            zone=self._zone,
            now_at=self._now_at,
            ages=self.ages,
            here=place - 1 == self.place,
            marked=row.event.seq in self.marks,
        )

    # Moving

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        if self.rows:
            self._go(min(max(self.place + by, 0), len(self.rows) - 1))

    def action_move_page(self, pages: float) -> None:
        """Move the cursor by a part of the screen."""
        self.action_move(int(pages * (self.size.height - 1)) or (1 if pages > 0 else -1))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one opens."""
        place = event.y - 1 + self.scroll_offset.y
        if event.y > 0 and 0 <= place < len(self.rows):
            self._go(place)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _go(self, place: int) -> None:
        self.place = place
        self.refresh()
        room = max(self.size.height - 1, 1)
        top = self.scroll_offset.y
        if place < top:
            self._scroll(place)
        elif place >= top + room:
            self._scroll(place - room + 1)
        self._moved()

    def _moved(self) -> None:
        self.post_message(self.CursorMoved(by_hand=True))
        if self.place >= len(self.rows) - NEAR_END:
            self.post_message(self.MoreWanted())

    def _scroll(self, top: int) -> None:
        most = max(len(self.rows) + 1 - self.size.height, 0)
        self.scroll_to(y=min(max(top, 0), most), animate=False, force=True, immediate=True)

    def _place_of(self, old: EventRow) -> int:
        """Where a row is now, or the one that took up its event, or the next older one."""
        for place, row in enumerate(self.rows):
            if row.key == old.key:
                return place
        for place, row in enumerate(self.rows):
            if row.event.seq <= old.event.seq:
                return place
        return max(len(self.rows) - 1, 0)
