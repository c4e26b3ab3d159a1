"""One line for each worker: how it stands, its gauges, its link, and what is to be said."""

from rich.cells import cell_len

from crabtui.data.fitting import fit, fit_middle
from crabtui.data.glyphs import Cell
from crabtui.data.workers.columns import NAME, SLOTS, STATE, WorkerColumn, columns, gauge, note
from crabtui.data.workers.words import GLYPHS, is_reached, standing
from crabtui.views.line_table import LineTable
from engine.control.views import WorkerView

WIDE = 120


class WorkerTable(LineTable[WorkerView]):
    """The cursor holds a worker's name; `sort` is the title of the column in its order."""

    sort = STATE
    descending = False

    def key_of(self, row: WorkerView) -> str:
        return row.name

    def head(self, width: int) -> str:
        titles = [self._title(column, width) for column in columns(width)]
        return f"    {' '.join(titles)}  NOTE"

    def line(self, row: WorkerView, width: int, *, here: bool) -> list[Cell]:
        glyph = GLYPHS[standing(row)]
        muted = not is_reached(row)
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            (" ", "muted"),
            (glyph.sign, glyph.token),
        ]
        for column in columns(width):
            line.extend(self._cells(row, column, width, here=here, muted=muted))
        room = width - sum(cell_len(text) for text, _ in line) - 2
        text, token = note(row, self.now_at)
        return [*line, (f"  {fit(text, max(room, 0)).rstrip()}", token)]

    def _cells(
        self, row: WorkerView, column: WorkerColumn, width: int, *, here: bool, muted: bool
    ) -> list[Cell]:
        text, tone = column.show(row, self.now_at)
        if muted and tone == "text":
            tone = "muted"
        if column.title == NAME.title and here:
            tone = "accent"
        is_name = column.title == NAME.title
        shown = (
            fit_middle(text, column.width)
            if is_name
            else fit(text, column.width, right=column.right)
        )
        bar = gauge(row, _gauge(width)) if column.title == SLOTS.title else []
        return [(" ", "line"), *bar, (f"{' ' if bar else ''}{shown}", tone)]

    def _title(self, column: WorkerColumn, width: int) -> str:
        arrow = ("▼" if self.descending else "▲") if self.sort == column.title else ""
        title = column.title.upper() + arrow
        if column.title == SLOTS.title:
            return title.ljust(_gauge(width) + 1 + column.width)
        return title.rjust(column.width) if column.right else title.ljust(column.width)


def _gauge(width: int) -> int:
    return 12 if width >= WIDE else 4
