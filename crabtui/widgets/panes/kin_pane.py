"""What surrounds a job: a list to go to other jobs from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from crabtui.data.glyphs import Cell
from crabtui.data.job import kin_lines
from crabtui.data.job.kin_lines import KinLine
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import JobDetail, JobRow, JobsPage


class KinPane(TextPane):
    """The jobs that it needs, itself, and those that need it; the cursor is on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", show=False),
        Binding("k,up", "choose(-1)", show=False),
    ]

    class Opened(Message):
        """This job is to be shown."""

        def __init__(self, job: int) -> None:
            self.job = job
            super().__init__()

    _detail: JobDetail | None = None
    _this: JobRow | None = None
    _now_at = 0
    _inner: JobsPage | None = None
    _chosen: int | None = None
    _kin: tuple[KinLine, ...] = ()

    def show(
        self, detail: JobDetail, this: JobRow, now_at: int, inner: JobsPage | None = None
    ) -> None:
        """Draw what surrounds the job of `detail`, which is `this` as a row, and its own."""
        self._detail, self._this, self._now_at, self._inner = detail, this, now_at, inner
        self.relay()

    @property
    def chosen(self) -> int | None:
        """The job under the cursor, if there is any to go to."""
        jobs = self._jobs
        if self._chosen in jobs:
            return self._chosen
        return jobs[0] if jobs else None

    def action_choose(self, by: int) -> None:
        """Move the cursor to the next job, or the one before."""
        jobs, chosen = self._jobs, self.chosen
        if chosen is None:
            return self.action_roll(by)
        self._chosen = jobs[min(max(jobs.index(chosen) + by, 0), len(jobs) - 1)]
        self.relay()
        return self._reveal()

    def action_open(self) -> None:
        """Go to the job under the cursor."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def is_raised(self, place: int) -> bool:
        """The job under the cursor, while keys are for this pane."""
        kin = self._kin[place] if place < len(self._kin) else None
        return self.has_focus and kin is not None and kin.job == self.chosen is not None

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._detail is None or self._this is None:
            return ()
        scene = (self._detail, self._this, width, self._now_at, self._inner)
        self._kin = tuple(kin_lines.lines(*scene))
        return [kin.cells for kin in self._kin]

    @property
    def _jobs(self) -> list[int]:
        return [kin.job for kin in self._kin if kin.job is not None]

    def _reveal(self) -> None:
        line = next(place for place, kin in enumerate(self._kin) if kin.job == self.chosen)
        room = self.size.height - (1 if self.title else 0)
        if line >= self.scroll_offset.y + room:
            self.action_roll(line - self.scroll_offset.y - room + 1)
        elif line < self.scroll_offset.y:
            self.action_roll(line - self.scroll_offset.y)
