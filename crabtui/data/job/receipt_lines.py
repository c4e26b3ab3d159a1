"""The receipt of an act: what became of each object, those that were refused first."""

from collections.abc import Callable, Sequence
from typing import Final

from crabtui.data.admin.audit_lines import AuditRow
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell
from engine.control.views import ReceiptPage, Result

NAME: Final = 12


def receipt_lines(
    act: AuditRow, page: ReceiptPage
) -> Callable[[int], Sequence[Sequence[Cell]]]:
    """The lines for a width."""

    def lines(width: int) -> Sequence[Sequence[Cell]]:
        head: list[list[Cell]] = [
            [(f" {act.by}", "text"), (f"  {act.why}" if act.why else "", "muted")],
            [(f" {act.outcome}", "warn" if act.is_bad else "ok")],
            [("", "text")],
        ]
        rows = [_row(one, width) for one in page.results]
        return [*head, *rows, *_rest(act, page)]

    return lines


def _row(one: Result, width: int) -> list[Cell]:
    name = f"#{one.id}" if isinstance(one.id, int) else one.id
    room = max(width - NAME - 5, 0)
    if not one.ok:
        error = (one.error or "refused").removeprefix(f"{name} ").removeprefix(f"{name}: ")
        return [(" ✗ ", "warn"), (f"{fit(name, NAME)} ", "text"), (fit(error, room), "warn")]
    text = one.now or "done" if one.was in (None, one.now) else f"{one.was} → {one.now}"
    return [(" ✓ ", "ok"), (f"{fit(name, NAME)} ", "text"), (fit(text, room), "muted")]


def _rest(act: AuditRow, page: ReceiptPage) -> list[list[Cell]]:
    more = page.total - len(page.results)
    if more <= 0:
        return []
    line = f" … and {more:,} more: crabtui audit --receipt {act.seq}"
    return [[("", "text")], [(line, "muted")]]
