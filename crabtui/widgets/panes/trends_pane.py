"""How it goes: a line for each measure, with a sparkline, what it is now, and its peak."""

from collections.abc import Sequence
from typing import Final

from crabtui.data.glyphs import Cell
from crabtui.data.trends import Trend, sparkline, trends
from crabtui.data.wording import duration
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import TrendsView

NAME: Final = 10
NOW: Final = 6
PEAK: Final = 14
WIDE: Final = 60
"""From this width on there is room for peaks."""
FEW: Final = ("done/s", "fail/s", "run p50", "run p95", "wait p95", "depth")
"""What is left where there is little room."""


class TrendsPane(TextPane):
    """Lines of one width; what is not known yet is blank."""

    _view: TrendsView | None = None
    _error = ""
    is_short = False
    """Only the few that matter most."""

    def show(self, view: TrendsView | None, error: str = "") -> None:
        """Draw these; `error` says why there are none."""
        self._view, self._error = view or self._view, error
        if self._view is not None:
            span_us = len(self._view.done) * self._view.width_ms * 1000
            self.title = f"Throughput and latency, last {_span(span_us)}"
        self.relay()

    def lines_wanted(self) -> int:
        """How many lines it would fill."""
        return len(FEW) if self.is_short else len(FEW) + 2

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._view is None:
            text = self._error or "…"
            return [[(f" {text}"[:width], "bad" if self._error else "muted")]]
        lines = [one for one in trends(self._view) if not self.is_short or one.name in FEW]
        return [_line(one, width) for one in lines]


def _line(trend: Trend, width: int) -> list[Cell]:
    peak = (trend.note or f"peak {trend.peak:>6}") if width >= WIDE else ""
    room = width - 1 - NAME - 1 - NOW - 1 - (PEAK + 2 if peak else 0)
    is_flat = not any(trend.values)
    return [
        (f" {trend.name:<{NAME}}", "text"),
        (sparkline(trend.values, room), "line" if is_flat else trend.token),
        (f" {trend.now:>{NOW}}", "text"),
        (f"  {peak:<{PEAK}}" if peak else "", "muted"),
    ]


def _span(us: int) -> str:
    """`15m`, `1h`, `6h`, `24h`: no more than is needed."""
    minutes = us // 60_000_000
    if minutes < 60:
        return f"{minutes}m" if minutes else duration(us)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes // 60}h{minutes % 60:02}m"
