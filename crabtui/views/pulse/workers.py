"""Workers in a few lines: how each stands, how full it is, and how its host does."""

from crabtui.data.fitting import fit, fit_middle
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.workers.columns import note
from crabtui.data.workers.words import GLYPHS, is_reached, standing
from crabtui.views.pulse.table import PulseTable
from engine.control.views import WorkerView

NAME = 14


class PulseWorkers(PulseTable[WorkerView]):
    """The cursor holds a worker's name."""

    def key_of(self, row: WorkerView) -> str:
        return row.name

    def head(self, width: int) -> str:
        return fit(f"   {'WORKER':<{NAME}} {'SLOTS':<13} {'CPU':>5} {'MEM':>5}  NOTE", width)

    def nothing(self) -> Cell:
        return " no worker: jobs wait until there is one", "warn"

    def line(self, row: WorkerView, width: int, *, here: bool) -> list[Cell]:
        glyph = GLYPHS[standing(row)]
        tone: Cell = ("", "text" if is_reached(row) else "muted")
        text, token = note(row, self.now_at)
        room = max(width - 3 - NAME - 1 - 14 - 12 - 3, 0)
        slots = f"{row.slots_taken}/{row.slots}"
        return [
            ("▌" if here else " ", "accent"),
            (f"{glyph.sign} ", glyph.token),
            (fit_middle(sanitize(row.name), NAME), "accent" if here else tone[1]),
            (" ", "line"),
            *bar(row.slots_taken, row.slots, 6),
            (f" {fit(slots, 6)}", tone[1]),
            (f" {_share(row, 'cpu_milli'):>5} {_share(row, 'memory_mb'):>5}", tone[1]),
            (f"  {fit(text, room)}", token),
        ]


def _share(worker: WorkerView, name: str) -> str:
    """How much of it our jobs have, in percent; `--` of a host that is not reached."""
    if not is_reached(worker):
        return "--"
    whole = worker.capacity.get(name, 0)
    return f"{100 * worker.taken.get(name, 0) // whole}%" if whole else "-"
