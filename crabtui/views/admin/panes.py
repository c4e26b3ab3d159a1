"""The panes of the Admin view that are no tables of the engine's: health, keys, looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from crabtui.data.admin.engine_lines import engine_lines
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, Token
from crabtui.dialogs.key_rows import KeyRow
from crabtui.views.line_table import LineTable
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import Stats

KEYS = 22


class EnginePane(TextPane):
    """The engine's health."""

    _stats: Stats | None = None
    _now_at = 0

    def show(self, stats: Stats | None, now_at: int) -> None:
        """Draw these figures; None: they have not come yet."""
        self._stats, self._now_at = stats, now_at
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._stats is None:
            return []
        return engine_lines(self._stats, max(self._now_at, self._stats.now_at), width)


class KeysPane(TextPane):
    """All keys, as they are mapped."""

    _rows: tuple[KeyRow, ...] = ()

    def show(self, rows: Sequence[KeyRow]) -> None:
        """Draw these."""
        self._rows = tuple(rows)
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        return [_key_line(row, width) for row in self._rows]


def _key_line(row: KeyRow, width: int) -> list[Cell]:
    if row.is_title:
        return [(f" {row.text}", "accent")]
    token: Token = "warn" if row.is_fault else "text"
    keys = fit(row.keys, KEYS)
    return [(f"   {keys} ", "link"), (fit(row.text, max(width - KEYS - 5, 0)), token)]


@dataclass(frozen=True, slots=True)
class LookRow:
    """One thing about the console itself that can be set."""

    name: str
    value: str
    help: str


class LooksTable(LineTable[LookRow]):
    """The cursor holds the name of a setting of the console."""

    def key_of(self, row: LookRow) -> str:
        return row.name

    def head(self, width: int) -> str:  # noqa: ARG002
        return f" {'LOOK':<14} {'NOW':<16} MEANING"

    def line(self, row: LookRow, width: int, *, here: bool) -> list[Cell]:
        return [
            ("▌" if here else " ", "accent"),
            (f"{fit(row.name, 14)} ", "accent" if here else "text"),
            (f"{fit(row.value, 16)} ", "link"),
            (fit(row.help, max(width - 34, 0)).rstrip(), "muted"),
        ]
