"""One line for each value that the jobs of a list have: how many, and in which states."""

from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.table.group_lines import SHORT, states_text, value_text
from crabtui.views.line_table import LineTable
from engine.control.views import GroupView

STATES = 44
"""Cells of the states, where there is room for them."""
WIDEST = 60
"""Cells of a value, where there is room for more."""
NARROW = 70


class GroupTable(LineTable[GroupView]):
    """The cursor holds a value."""

    by = ""

    def key_of(self, row: GroupView) -> str:
        return "-" if row.value is None else f"={row.value}"

    def head(self, width: int) -> str:
        states = "" if width < NARROW else "  STATES"
        return f"{'JOBS':>10}  {fit(self.by.upper(), self._room(width))}{states}"

    def line(self, row: GroupView, width: int, *, here: bool) -> list[Cell]:
        value = fit(value_text(row.value), self._room(width))
        token: Token = "muted" if row.value is None else "accent" if here else "text"
        states = "" if width < NARROW else states_text(row.by_state, SHORT)
        return [
            ("▌" if here else " ", "accent"),
            (f"{row.count:>9,}", "text"),
            (f"  {value}", token),
            (f"  {states}", "muted"),
        ]

    def _room(self, width: int) -> int:
        left = width - 12 - 1
        return max(left, 8) if width < NARROW else min(left - STATES - 2, WIDEST)
