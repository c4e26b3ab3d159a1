"""The attempts of a job over time."""

from collections.abc import Sequence

from crabtui.data.glyphs import Cell
from crabtui.data.job import timeline_bars
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import JobDetail


class TimelinePane(TextPane):
    """Bars for waiting, attempts and pauses, under an axis of clock times."""

    fixed = 2
    _follows_end = True
    """The newest attempt is kept in sight, until somebody looks at older ones."""
    _detail: JobDetail | None = None
    _now_at: int = 0
    _zone: Zone = UTC_ZONE

    def show(self, detail: JobDetail | None, now_at: int, zone: Zone = UTC_ZONE) -> None:
        """Draw this job as of `now_at`; also to let time pass."""
        self._detail, self._now_at, self._zone = detail, now_at, zone
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._detail is None:
            return ()
        return timeline_bars.lines(self._detail, width, self._now_at, self._zone)

    def relay(self) -> None:
        super().relay()
        if self._follows_end:
            self.call_after_refresh(self.action_roll_to, -1)

    def action_roll(self, by: int) -> None:
        self._follows_end = self.scroll_offset.y + by >= self.max_scroll_y
        super().action_roll(by)

    def action_roll_to(self, line: int) -> None:
        self._follows_end = line < 0
        super().action_roll_to(line)
