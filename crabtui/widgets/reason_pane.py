"""The group under the cursor in full: its reason, who waits, and what would help."""

from collections.abc import Sequence

from crabtui.data import reason_lines
from crabtui.data.glyphs import Cell
from crabtui.widgets.text_pane import TextPane
from engine.control.views import ReasonView


class ReasonPane(TextPane):
    """Shows one group."""

    _reason: ReasonView | None = None
    _now_at = 0

    def show(self, reason: ReasonView | None, now_at: int) -> None:
        """Draw this group as of `now_at`."""
        self._reason, self._now_at = reason, now_at
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._reason is None:
            return ()
        return list(reason_lines.group(self._reason, width, self._now_at))
