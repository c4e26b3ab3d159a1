"""What happened to a job, newest first."""

from collections.abc import Sequence

from crabtui.data.events import lines as event_lines
from crabtui.data.glyphs import Cell
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.widgets.panes.text_pane import TextPane
from engine.model.events import Event


class EventsPane(TextPane):
    """Time, sign, word and facts of each event."""

    _events: tuple[Event, ...] = ()
    _zone: Zone = UTC_ZONE

    def show(self, events: Sequence[Event], zone: Zone = UTC_ZONE) -> None:
        """Draw these events, given oldest first."""
        self._events, self._zone = tuple(events), zone
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        return [
            line
            for event in reversed(self._events)
            for line in event_lines.lines(event, width, self._zone)
        ]
