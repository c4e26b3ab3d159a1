"""What the bar above a job table counts: marks, rows in view of how many, the order."""

from crabtui.data.table.board import Board
from crabtui.data.wording import count
from crabtui.views.jobs.look import Look
from crabtui.widgets.table.virtual_table import VirtualTable


def counted(table: VirtualTable, shown: Board, look: Look, *, all_marked: bool) -> str:
    """`2 marked  1-24 of 420  sort activity▲`."""
    facts = []
    if all_marked:
        facts.append("all marked")
    elif table.marks:
        facts.append(f"{len(table.marks)} marked")
    if table.following:
        facts.append("following")
    if shown.total:
        first, last = table.shown_places
        facts.append(f"{first}-{last} of {count(shown.total, exact=shown.total_is_exact)}")
    arrow = "▼" if look.descending else "▲"
    return "  ".join((*facts, f"sort {look.sort}{arrow}"))
