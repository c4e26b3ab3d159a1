"""Drawing one line of a job table: cells to a strip, cut and padded to their columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from crabtui.data import glyphs
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.table.columns import Column
from engine.control.views import JobRow

BOLD = Style(bold=True)


@dataclass(frozen=True, slots=True)
class Mood:
    """How a row stands out."""

    cursor: bool = False
    focused: bool = False
    marked: bool = False
    stale: bool = False


class Painter:
    """Paints rows in one layout and one theme."""

    def __init__(
        self,
        columns: Sequence[Column],
        width: int,
        styles: dict[Token, Style],
        ground: Style,
        cursor: Style,
        *,
        ascii_only: bool = False,
    ) -> None:
        self.columns = tuple(columns)
        self.width = width
        self.ascii_only = ascii_only
        self._more = "~" if ascii_only else "…"
        self._styles = {
            (raised, bold): {
                token: base + style + (BOLD if bold else Style.null())
                for token, style in styles.items()
            }
            for raised, base in ((False, ground), (True, ground + cursor))
            for bold in (False, True)
        }

    def row(self, row: JobRow, cells: Sequence[Cell], mood: Mood) -> Strip:
        """One job."""
        state = glyphs.state_glyph(row)
        held = glyphs.HELD if row.held_by is not None else None
        parts: list[Cell] = [
            (self._bar(mood), "accent"),
            ("*" if mood.marked else " ", "accent"),
            (held.drawn(ascii_only=self.ascii_only) if held else " ", "block"),
            (state.drawn(ascii_only=self.ascii_only), state.token),
        ]
        muted = mood.stale or row.unreachable_at is not None
        for column, (text, token) in zip(self.columns, cells, strict=True):
            keeps = not muted or (token in ("warn", "bad") and not mood.stale)
            parts.append((" " + self._fitted(text, column), token if keeps else "muted"))
        return self._strip(parts, mood)

    def header(self, sort: str, *, descending: bool, hidden: int = 0) -> Strip:
        """The titles; the column sorted by has an arrow, and what has no room is counted."""
        parts: list[Cell] = [(" " * 4, "muted")]
        for column in self.columns:
            is_sorted = column.sort is not None and column.sort == sort
            title = column.title + (self._arrow(descending) if is_sorted else "")
            shown = self._fitted(title, column)
            parts.append((" " + shown, "text" if is_sorted else "muted"))
        if hidden:
            parts[-1] = (self._with_hidden(parts[-1][0], hidden), parts[-1][1])
        return self._strip(parts, Mood())

    def _with_hidden(self, title: str, hidden: int) -> str:
        """The last title, with how many columns are hidden, if there is room for that."""
        sign = f"{'>' if self.ascii_only else '→'}{hidden}"
        blank = len(title) - len(title.rstrip())
        return title[: -len(sign)] + sign if blank > len(sign) else title

    def skeleton(self, mood: Mood) -> Strip:
        """A row that is not loaded yet."""
        dot = "." if self.ascii_only else "·"
        parts: list[Cell] = [(f"{self._bar(mood)}  {dot}", "muted")]
        for column in self.columns:
            text = dot * 3 if column.width > 2 else dot
            parts.append((" " + self._fitted(text, column), "muted"))
        return self._strip(parts, mood)

    def blank(self) -> Strip:
        """A line below the last row."""
        return self._strip([], Mood())

    def _fitted(self, text: str, column: Column) -> str:
        shown = glyphs.to_ascii(text) if self.ascii_only else text
        return fit(shown, column.width, right=column.right, more=self._more)

    def _bar(self, mood: Mood) -> str:
        if not mood.cursor:
            return " "
        if self.ascii_only:
            return ">" if mood.focused else "-"
        return "▌" if mood.focused else "│"

    def _arrow(self, descending: bool) -> str:
        if self.ascii_only:
            return "v" if descending else "^"
        return "▼" if descending else "▲"

    def _strip(self, parts: Sequence[Cell], mood: Mood) -> Strip:
        styles = self._styles[mood.cursor, mood.marked]
        segments: list[Segment] = []
        text, last = "", None
        for part, token in parts:
            if token == last or (last is not None and part.isspace()):
                text += part
                continue
            if last is not None:
                segments.append(Segment(text, styles[last]))
            text, last = part, token
        taken = sum(segment.cell_length for segment in segments) + cell_len(text)
        text += " " * (self.width - taken)
        segments.append(Segment(text, styles[last or "text"]))
        strip = Strip(segments, max(taken, self.width))
        return strip.crop(0, self.width) if taken > self.width else strip
