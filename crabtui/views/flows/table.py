"""One line for each run: how it stands, how far it is, for how long, and what went wrong."""

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.flows.words import ended, flow_glyph, is_held, progress_bar, time_of_flow
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age
from crabtui.views.line_table import LineTable
from engine.control.views import FlowView

WIDE = 110


class FlowsTable(LineTable[FlowView]):
    """The cursor holds the id of a run."""

    def key_of(self, row: FlowView) -> str:
        return str(row.id)

    def head(self, width: int) -> str:
        name, bar = _widths(width)
        return (
            f"   {'ID':>8} {'NAME':<{name}} {'RUN':>4} {'PROGRESS':<{bar}} {'DONE':>9}"
            f" {'TIME':>6} {'AGE':>6}  NOTE"
        )

    def line(self, row: FlowView, width: int, *, here: bool) -> list[Cell]:
        name, bar = _widths(width)
        glyph = flow_glyph(row)
        cells: list[Cell] = [
            ("▌" if here else " ", "accent"),
            ("‖" if is_held(row) else " ", "block"),
            (glyph.sign, glyph.token),
            (f"{f'#{row.id}':>8} ", "text"),
            (fit(sanitize(row.name), name), "accent" if here else "text"),
            (f" {row.run:>4} ", "muted"),
            *progress_bar(row.tasks, bar),
            (f" {ended(row.tasks):>9}", "text"),
            (f" {time_of_flow(row, self.now_at):>6}", "text"),
            (f" {age(row.created_at, self.now_at):>6}", "muted"),
        ]
        room = width - sum(cell_len(text) for text, _ in cells) - 2
        text, token = _note(row)
        return [*cells, (f"  {fit(text, max(room, 0)).rstrip()}", token)]


def _widths(width: int) -> tuple[int, int]:
    """Of the name and of the bar."""
    return (28, 24) if width >= WIDE else (16, 10)


def _note(flow: FlowView) -> Cell:
    """Which tasks failed themselves, who holds it, or what else there is to say."""
    if flow.failed:
        return sanitize("✗ " + ", ".join(flow.failed)), "bad"
    if is_held(flow):
        why = f": {flow.held_why}" if flow.held_why else ""
        return sanitize(f"paused by {flow.held_by}{why}"), "block"
    return sanitize(flow.error or flow.note or flow.description), "muted"
