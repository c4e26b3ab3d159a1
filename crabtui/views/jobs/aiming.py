"""Which window of jobs a table asks for: where it looks, unless that is covered already."""

from textual.widget import Widget

from crabtui.messages import Aimed
from crabtui.topics.jobs import JOBS, JobsAim
from crabtui.views.jobs.look import Look
from crabtui.views.telling import tell
from crabtui.widgets.table.virtual_table import VirtualTable

LEAST_ROWS = 20
"""Rows asked for, however low the table."""


class Aiming:
    """Tells `Aimed` in the name of its view when the aim moves."""

    def __init__(self, view: Widget) -> None:
        self._view = view
        self._aim: JobsAim | None = None

    def look(self, table: VirtualTable, look: Look, *, force: bool = False) -> None:
        """Aim where the table is, unless the present aim covers what is in view.

        While a job of this list is being looked for, the aim stays where that will be.
        """
        if self._aim is not None and self._aim.around is not None and is_of(self._aim, look):
            return
        if force or not self._covers(table) or _lacks(table):
            self.move(window(table, look))

    def move(self, aim: JobsAim) -> None:
        """Aim there."""
        if aim != self._aim:
            self._aim = aim
            tell(self._view, Aimed(JOBS, aim))

    def found(self, aim: JobsAim) -> None:
        """What was looked for came with a window: that is the aim now, asked for already."""
        self._aim = aim

    def end(self) -> None:
        """Look at nothing."""
        self._aim = None
        tell(self._view, Aimed(JOBS, None))

    def _covers(self, table: VirtualTable) -> bool:
        first, last = table.shown_places
        aim = self._aim
        return aim is not None and aim.at < first and last <= aim.at + aim.count


def is_of(aim: JobsAim, look: Look) -> bool:
    """Whether an aim is at the list that `look` shows."""
    mine = (look.query, look.sort, look.descending, look.folds, look.unfolded)
    return (aim.where, aim.sort, aim.descending, aim.fold, aim.unfolded) == mine


def window(table: VirtualTable, look: Look, around: int | None = None) -> JobsAim:
    """The window where the table is, or around a job."""
    at, size = table.window
    return JobsAim(
        where=look.query,
        sort=look.sort,
        descending=look.descending,
        at=at,
        count=max(size, LEAST_ROWS),
        around=around,
        fold=look.folds,
        unfolded=look.unfolded,
    )


def _lacks(table: VirtualTable) -> bool:
    at, size = table.window
    return table.board.missing(at, at + size) is not None
