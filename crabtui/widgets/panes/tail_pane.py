"""The newest events, the newest at the top."""

from collections.abc import Sequence

from crabtui.data.events import rows as event_rows
from crabtui.data.glyphs import Cell
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.widgets.panes.text_pane import TextPane
from engine.model.events import Event


class TailPane(TextPane):
    """One line for each event, repeats folded."""

    _events: tuple[Event, ...] = ()
    _zone: Zone = UTC_ZONE
    _error = ""

    def show(self, events: Sequence[Event], error: str = "") -> None:
        """Draw these, given oldest first."""
        self._events, self._error = tuple(reversed(events)), error
        self.relay()

    def show_zone(self, zone: Zone) -> None:
        """Tell times in this zone."""
        self._zone = zone
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._error:
            return [[(f" {self._error}"[:width], "bad")]]
        rows = event_rows.rows(self._events, frozenset())
        lines = [event_rows.cells(row, width, zone=self._zone) for row in rows]
        return lines or [[(" nothing has happened yet", "muted")]]
