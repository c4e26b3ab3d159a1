"""What a job was given, and what it says itself."""

from collections.abc import Sequence

from crabtui.data.glyphs import Cell
from crabtui.data.job import context_lines
from crabtui.data.job.job_context import JobContext
from crabtui.widgets.panes.text_pane import TextPane


class ContextPane(TextPane):
    """The run, its parameters, results of others, its own."""

    _known: JobContext | None = None
    _error = ""
    _is_past = False

    def take(self, context: JobContext | None, error: str, *, is_past: bool = False) -> None:
        """Draw this; `error` says why there is nothing to draw."""
        self._known, self._error, self._is_past = context, error, is_past
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._known is None:
            return [[(f" {self._error}", "bad")]] if self._error else ()
        return list(context_lines.lines(self._known, width, is_past=self._is_past))
