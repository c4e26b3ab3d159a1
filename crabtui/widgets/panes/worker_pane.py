"""The worker under the cursor: its link, what it has, what holds its jobs, what runs there."""

from collections.abc import Sequence

from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.workers.lines import worker_lines
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import WorkerView


class WorkerPane(TextPane):
    """Facts of one worker."""

    counts_hidden = True
    _worker: WorkerView | None = None
    _now_at = 0
    _nothing: Cell = ("", "muted")

    def show(self, worker: WorkerView | None, now_at: int) -> None:
        """Draw this worker as of `now_at`."""
        self._worker, self._now_at = worker, now_at
        self.title = f"worker {sanitize(worker.name)}" if worker else ""
        self.relay()

    def show_nothing(self, why: Cell) -> None:
        """While there is no worker to tell of, say this."""
        self._nothing = why
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._worker is None:
            return [[(f" {self._nothing[0]}", self._nothing[1])]]
        return worker_lines(self._worker, max(width - 2, 20), self._now_at)
