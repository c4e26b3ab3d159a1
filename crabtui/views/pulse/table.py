"""A short list that is one pane of several: with a title, and a cursor while it is in use."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events

from crabtui.data.glyphs import Cell
from crabtui.messages import Wanted
from crabtui.views.line_table import LineTable
from crabtui.views.telling import tell

R = TypeVar("R")


class PulseTable(LineTable[R]):
    """Its cursor is seen only while the pane has the focus."""

    has_head: ClassVar[bool] = True
    _error = ""
    is_told = False
    """Whether anything was shown here yet."""

    def nothing(self) -> Cell:
        """What it says when there are no rows."""
        return " none", "muted"

    def show(self, rows: Sequence[R]) -> None:
        """Draw these; what was wrong is over."""
        self._error, self.is_told = "", True
        super().show(rows)

    def show_error(self, error: str) -> None:
        """Say why there is nothing newer; what is there stays."""
        self._error = error
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        here = self.chosen if self.has_focus else None
        rows = [self.line(row, width, here=self.key_of(row) == here) for row in self.rows]
        if not rows:
            return [[self._empty()]]
        head: list[list[Cell]] = [[(self.head(width), "muted")]] if self.has_head else []
        return [*head, *rows]

    def _empty(self) -> Cell:
        if self._error:
            return f" {self._error}", "bad"
        return self.nothing() if self.is_told else (" …", "muted")

    def lines_wanted(self) -> int:
        """How many lines it would fill."""
        return len(self.rows) + self.has_head if self.rows else 1

    def is_raised(self, place: int) -> bool:
        row = place - self.has_head
        is_row = 0 <= row < len(self.rows)
        return is_row and self.has_focus and self.key_of(self.rows[row]) == self.chosen

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; two open the row."""
        place = event.y - self._top - self.has_head + self.scroll_offset.y
        if 0 <= place < len(self.rows):
            self._go(place)
            if event.chain == 2:
                tell(self, Wanted("open_here"))

    def _go(self, place: int) -> None:
        self.chosen = self.key_of(self.rows[place])
        self.relay()
        room = self.size.height - self._top - self.has_head
        if place >= self.scroll_offset.y + room:
            self.action_roll(place + 1 - room - self.scroll_offset.y)
        elif place < self.scroll_offset.y:
            self.action_roll(place - self.scroll_offset.y)
        tell(self, self.CursorMoved())

    def on_focus(self) -> None:
        self.relay()
        super().on_focus()
        tell(self, self.CursorMoved())

    def on_blur(self) -> None:
        self.relay()
        super().on_blur()
