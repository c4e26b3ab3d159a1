"""The group under the cursor in full: its reason, who waits, and what would help."""

from collections.abc import Sequence

from crabtui.data import reason_lines
from crabtui.data.glyphs import Cell
from crabtui.data.job import gate_lines
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import Explanation, ReasonView


class ReasonPane(TextPane):
    """Shows one group, and who holds what its first job waits for."""

    _reason: ReasonView | None = None
    _why: Explanation | None = None
    _now_at = 0

    def show(self, reason: ReasonView | None, now_at: int) -> None:
        """Draw this group as of `now_at`; what was explained of another is forgotten."""
        if self._why is not None and (reason is None or reason.first != self._why.job):
            self._why = None
        self._reason, self._now_at = reason, now_at
        self.relay()

    def explain(self, why: Explanation) -> None:
        """Draw the holders that stand in the way of the group's first job."""
        self._why = why
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._reason is None:
            return ()
        lines = list(reason_lines.group(self._reason, width, self._now_at))
        if self._why is None:
            return lines
        kind = self._reason.kind
        return [*lines, *gate_lines.held_by(self._why, kind, width, self._now_at)]
