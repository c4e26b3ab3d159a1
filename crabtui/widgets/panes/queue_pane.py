"""The queue under the cursor: what governs it, and why its jobs wait."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from crabtui.data import pressure, reason_lines
from crabtui.data.glyphs import Cell
from crabtui.data.wording import age, count
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import QueueView, ReasonsView


class QueuePane(TextPane):
    """Facts of one queue, and its waiting jobs counted by reason."""

    _queue: QueueView | None = None
    _reasons: ReasonsView | None = None
    _error = ""
    _now_at = 0

    def show(self, queue: QueueView | None, now_at: int) -> None:
        """Draw this queue; reasons of another one are forgotten."""
        if (queue and queue.name) != (self._queue and self._queue.name):
            self._reasons, self._error = None, ""
        self._queue, self._now_at = queue, now_at
        self.title = f"queue {queue.name}" if queue else ""
        self.relay()

    def show_reasons(self, reasons: ReasonsView | None, error: str = "") -> None:
        """Draw why its jobs wait, or why that cannot be told."""
        self._reasons, self._error = reasons, error
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._queue is None:
            return [[(f" {self._error}", "bad")]] if self._error else ()
        return [*_facts(self._queue, width, self._now_at), [], *self._why(width)]

    def _why(self, width: int) -> Iterator[list[Cell]]:
        if self._error:
            yield [(f" {self._error}", "bad")]
        elif self._reasons is not None:
            yield from reason_lines.histogram(self._reasons, width)


def _facts(queue: QueueView, width: int, now_at: int) -> Iterator[list[Cell]]:
    for text in wrap("   ".join(_parts(queue)), max(width - 2, 20)):
        yield [(f" {text}", "text")]
    if queue.paused_at is not None:
        why = queue.paused_why or "no reason given"
        since = age(queue.paused_at, now_at)
        text = f" paused {since} ago by {queue.paused_by}: {why}; P resumes"
        yield [(text, "block")]
    depth = queue.queued + queue.pending
    text, token = pressure.standing(queue.mode, depth, queue.max_depth)
    for line in wrap(text, max(width - 2, 20)):
        yield [(f" {line}", token)]


def _parts(queue: QueueView) -> Iterator[str]:
    source = f" (by {queue.limit_from})" if queue.limit_from else ""
    yield f"limit {'none' if queue.limit is None else queue.limit}{source}"
    yield f"weight {queue.weight}"
    if queue.rate:
        yield f"rate {queue.rate}"
    most = "" if queue.max_depth is None else f" of {count(queue.max_depth)}"
    yield f"depth {count(queue.queued + queue.pending)}{most}"
    rates = (f"{queue.came_per_min} came", f"{queue.starts_per_min} started")
    yield f"last minute {', '.join(rates)}, {queue.ends_per_min} ended"
