"""One line for each worker: its health, its gauges, what holds its jobs, and its state."""

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.views.line_table import LineTable
from engine.control.views import WorkerView

WIDE = 120
HEALTH: dict[str, tuple[str, Token]] = {
    "healthy": ("●", "run"),
    "degraded": ("◍", "warn"),
    "down": ("✗", "bad"),
    "quarantined": ("‖", "block"),
}
ROOM = (
    ("CPU", "cpu_milli", 1000, ""),
    ("MEMORY", "memory_mb", 1024, "G"),
    ("GPU", "gpu", 1, ""),
)


class WorkerTable(LineTable[WorkerView]):
    """The cursor holds a worker's name."""

    def key_of(self, row: WorkerView) -> str:
        return row.name

    def head(self, width: int) -> str:
        name, gauge = _widths(width)
        room = "".join(f" {title:>8}" for title, *_ in ROOM)
        return f"     {'WORKER':<{name}} {'SLOTS':<{gauge + 6}}{room}  {'LIMITS':<6} NOTE"

    def line(self, row: WorkerView, width: int, *, here: bool) -> list[Cell]:
        name, gauge = _widths(width)
        sign = ("▾", "block") if row.draining else HEALTH.get(row.health, ("?", "warn"))
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            ("  ", "muted"),
            sign,  # type: ignore[list-item]
            (f" {fit(row.name, name)} ", "accent" if here else "text"),
            *bar(row.slots_taken, row.slots, gauge),
            (f" {fit(f'{row.slots_taken}/{row.slots}', 5)}", "text"),
            *((f" {used(row, *of[1:]):>8}", _tone(row, of[1])) for of in ROOM),
            (f"  {fit(row.limits or '-', 6)}", "text" if row.limits else "muted"),
        ]
        room = width - sum(cell_len(text) for text, _ in line) - 1
        text, token = note(row)
        return [*line, (f" {fit(text, max(room, 0)).rstrip()}", token)]


def used(worker: WorkerView, name: str, unit: int, suffix: str) -> str:
    """`3.5/8`; `-` of what it has none."""
    total = worker.capacity.get(name, 0)
    if not total:
        return "-"
    return f"{worker.taken.get(name, 0) / unit:.3g}/{total / unit:.3g}{suffix}"


def note(worker: WorkerView) -> Cell:
    """The most telling thing about a worker."""
    if worker.health != "healthy":
        return worker.health, HEALTH.get(worker.health, ("?", "warn"))[1]
    if worker.draining:
        left = len(worker.waits_for)
        return (f"draining, {left} left" if left else "drained"), "block"
    if worker.warnings:
        return sanitize(worker.warnings[0]), "warn"
    return ("production" if worker.production else ""), "muted"


def _tone(worker: WorkerView, name: str) -> Token:
    total = worker.capacity.get(name, 0)
    return "text" if total and worker.taken.get(name, 0) else "muted"


def _widths(width: int) -> tuple[int, int]:
    """Of name and gauge."""
    return (20, 12) if width >= WIDE else (10, 6)
