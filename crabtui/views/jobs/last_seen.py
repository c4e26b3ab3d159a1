"""Rows of marked jobs as they were last seen: a mark outlives its row in the list."""

from collections.abc import Iterable

from crabtui.data.table.board import Board
from engine.control.views import JobRow


class LastSeen:
    """Finds rows in the newest picture first, then in older ones, then in its memory."""

    def __init__(self) -> None:
        self._kept: dict[int, JobRow] = {}

    def rows(self, jobs: Iterable[int], *boards: Board) -> list[JobRow]:
        """The rows of these jobs, as far as they were ever seen."""
        return [row for job in jobs if (row := self._row(job, boards)) is not None]

    def keep(self, jobs: Iterable[int], *boards: Board) -> None:
        """Remember these jobs, and no others."""
        self._kept = {row.id: row for row in self.rows(jobs, *boards)}

    def _row(self, job: int, boards: Iterable[Board]) -> JobRow | None:
        for board in boards:
            if (row := board.row_of(job)) is not None:
                self._kept[job] = row
                return row
        return self._kept.get(job)
