"""Why a job does or does not start, gate by gate."""

from collections.abc import Sequence

from crabtui.data.glyphs import Cell
from crabtui.data.job import gate_lines
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import Explanation


class GatesPane(TextPane):
    """Every gate with its sentence; the first closed one stands out."""

    _why: Explanation | None = None
    _now_at: int = 0

    def show(self, why: Explanation | None, now_at: int) -> None:
        """Draw this explanation as of `now_at`; also to let time pass."""
        self._why, self._now_at = why, now_at
        self.relay()

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        self._now_at = now_at
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._why is None:
            return ()
        return list(gate_lines.lines(self._why, width, self._now_at))
