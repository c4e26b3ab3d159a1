"""A short list, one line to a row, with a cursor that holds the name of its row."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from crabtui.data.glyphs import Cell
from crabtui.views.telling import tell
from crabtui.widgets.panes.text_pane import TextPane

R = TypeVar("R")


class LineTable(TextPane, Generic[R]):
    """Rows known by what `key_of` says of them; the first line is the header."""

    fixed = 1

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-9999)", show=False),
        Binding("G,end", "move(9999)", show=False),
    ]

    class CursorMoved(Message, namespace="line_table"):
        """The cursor stands on another row."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self.rows: tuple[R, ...] = ()
        self.chosen = ""
        self.now_at = 0

    def key_of(self, row: R) -> str:
        """The name that the cursor holds."""
        raise NotImplementedError

    def head(self, width: int) -> str:
        """The titles of the columns."""
        raise NotImplementedError

    def line(self, row: R, width: int, *, here: bool) -> list[Cell]:
        """A row in sanitised cells; the cursor is on it if `here`."""
        raise NotImplementedError

    def show(self, rows: Sequence[R]) -> None:
        """Draw these; the cursor stays on its row, or goes to the nearest that is left."""
        old = self._keys()
        place = old.index(self.chosen) if self.chosen in old else 0
        self.rows = tuple(rows)
        keys = self._keys()
        if self.chosen not in keys:
            self.chosen = keys[min(place, len(keys) - 1)] if keys else ""
            tell(self, self.CursorMoved())
        self.relay()

    @property
    def row(self) -> R | None:
        """What is under the cursor."""
        return next((row for row in self.rows if self.key_of(row) == self.chosen), None)

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        keys = self._keys()
        if keys:
            place = keys.index(self.chosen) if self.chosen in keys else 0
            self._go(min(max(place + by, 0), len(keys) - 1))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor."""
        place = event.y - 1 + self.scroll_offset.y
        if 0 <= place < len(self.rows):
            self._go(place)

    def is_raised(self, place: int) -> bool:
        """The row under the cursor."""
        return 0 < place <= len(self.rows) and self.key_of(self.rows[place - 1]) == self.chosen

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        here = self.chosen
        rows = [self.line(row, width, here=self.key_of(row) == here) for row in self.rows]
        return [[(self.head(width), "muted")], *rows]

    def _keys(self) -> list[str]:
        return [self.key_of(row) for row in self.rows]

    def _go(self, place: int) -> None:
        self.chosen = self.key_of(self.rows[place])
        self.relay()
        if place + 1 >= self.scroll_offset.y + self.size.height:
            self.action_roll(place + 2 - self.scroll_offset.y - self.size.height)
        elif place < self.scroll_offset.y:
            self.action_roll(place - self.scroll_offset.y)
        tell(self, self.CursorMoved())
