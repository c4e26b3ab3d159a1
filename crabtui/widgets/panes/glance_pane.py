"""The end of a log at a glance: as many of its last lines as there is room for."""

from collections.abc import Sequence

from crabtui.data.glyphs import Cell
from crabtui.data.job.failure_lines import tail
from crabtui.widgets.panes.text_pane import TextPane


class GlancePane(TextPane):
    """Shows the last lines of what it is given."""

    _data = b""
    _said = ""

    def show(self, data: bytes, said: str = "") -> None:
        """Draw the end of these bytes; `said` stands where there are none."""
        self._data, self._said = data, said
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        room = max(self.size.height - (1 if self.title else 0), 1)
        lines = tail(self._data, room)
        if not lines:
            return [[(f" {self._said or 'nothing printed yet'}", "muted")]]
        return [[(f" {line}"[: width * 2], "text")] for line in lines]
