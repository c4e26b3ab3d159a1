"""One line for each reason why jobs wait, of each queue."""

from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell
from crabtui.data.reason_lines import KIND, kind
from crabtui.data.wording import age, count
from crabtui.views.line_table import LineTable
from engine.control.views import ReasonView

QUEUE = 12
LEAD = 1 + 8 + 2 + KIND + 1 + QUEUE + 1 + 6 + 2


class ReasonTable(LineTable[ReasonView]):
    """The cursor holds a kind of gate and a queue."""

    def key_of(self, row: ReasonView) -> str:
        return f"{row.kind} {row.queue}"

    def head(self, width: int) -> str:  # noqa: ARG002
        return f"{'JOBS':>9}  {'WAIT FOR':<{KIND}} {'QUEUE':<{QUEUE}} {'OLDEST':>6}  REASON"

    def line(self, row: ReasonView, width: int, *, here: bool) -> list[Cell]:
        return [
            ("▌" if here else " ", "accent"),
            (f"{count(row.count, exact=row.is_exact):>8}", "text"),
            (f"  {fit(kind(row), KIND)}", "accent" if here else "text"),
            (f" {fit(row.queue, QUEUE)}", "muted"),
            (f" {age(row.oldest_at, self.now_at):>6}", "muted"),
            (f"  {fit(row.text, max(width - LEAD - 1, 0)).rstrip()}", "text"),
        ]
