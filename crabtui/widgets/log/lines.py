"""The lines of a log as they are drawn: their rows, their colours, what is selected."""

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from crabtui.data.glyphs import Token
from crabtui.data.logs.ansi import text_of
from crabtui.data.logs.merged import Arrivals, LogMerged
from crabtui.data.logs.search import LogSearch
from crabtui.data.logs.sifted import LogSifted
from crabtui.data.logs.source import Lines
from crabtui.data.logs.text import LogText
from crabtui.data.wording import UTC_ZONE, Zone, clock
from crabtui.widgets.log.paint import strip_of, wrapped

TIME_CELLS = 9


class LogLines(Widget):
    """Knows what is loaded of a log and draws any line of it, wrapped or not."""

    wrapping: reactive[bool] = reactive(False)
    stamping: reactive[bool] = reactive(False)
    """Whether each line is preceded by the time at which it came, where that is known."""

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii_only
        self._text = LogText()
        self._merged: LogMerged | None = None
        self._sifted: LogSifted | None = None
        self._arrivals = Arrivals()
        self._search: LogSearch | None = None
        self._zone = UTC_ZONE
        self._gone = 0
        self._strips: LRUCache[tuple[object, ...], list[Strip]] = LRUCache(512)

    @property
    def _lines(self) -> Lines:
        """What is shown: what was sifted out, several logs, or what is loaded of one."""
        if self._sifted is not None:
            return self._sifted
        return self._merged if self._merged is not None else self._text

    @property
    def line_count(self) -> int:
        """Lines that are loaded."""
        return len(self._lines)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.refresh()

    def _offset_of(self, line: int) -> int:
        return self._lines.start_of(line) if line < len(self._lines) else 0

    def _height(self, line: int) -> int:
        """Rows of a line."""
        if not self.wrapping or not 0 <= line < len(self._lines):
            return 1
        return len(self._drawn(line))

    def _drawn(self, line: int) -> list[Strip]:
        """The rows of a line."""
        start, data = self._lines.start_of(line), self._lines.line(line)
        width = self._room if self.wrapping else 0
        key = (start, len(data), width)
        rows = self._strips.get(key)
        if rows is None:
            pattern = self._search.pattern if self._search else None
            strip = strip_of(
                data, self._base(), self._match_style(), pattern, ascii_only=self._ascii
            )
            rows = self._strips[key] = wrapped(strip, width) if width else [strip]
        return rows

    # What stands before the lines

    @property
    def _room(self) -> int:
        """Cells for the lines themselves."""
        return max(self.size.width - self._gutter, 1)

    @property
    def _gutter(self) -> int:
        labels = self._label_cells
        return TIME_CELLS * self.stamping + (labels + 1 if labels else 0)

    @property
    def _label_cells(self) -> int:
        if self._merged is not None:
            return self._merged.label_cells
        return 7 if self._sifted is not None and self._sifted.is_numbered else 0

    def _before(self, line: int, part: int, styles: dict[Token, Style]) -> list[Segment]:
        """When a line came and whose it is; nothing beside its further rows."""
        base, cells = self._base(), []
        if self.stamping:
            text = "" if part else self._time_of(line)
            cells.append(Segment(text.ljust(TIME_CELLS), base + styles["muted"]))
        labels = self._label_cells
        if labels:
            label = self._lines.label(line) or self._numbered(line)
            shown = "" if part else label[:labels]
            token: Token = "muted" if self._merged is None else token_of(label)
            cells.append(Segment(shown.rjust(labels) + " ", base + styles[token]))
        return cells

    def _numbered(self, line: int) -> str:
        number = self._lines.number(line)
        return "" if number is None else f"{number:,}"

    def _time_of(self, line: int) -> str:
        if self._merged is not None and self._sifted is None:
            at: int | None = self._merged.at(line) or None
        else:
            at = self._arrivals.at(self._lines.start_of(line))
        return "" if at is None else clock(at, self._zone)

    # Selection

    def _selected(self, strip: Strip, number: int, x: int) -> Strip:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(number)
        if span is None:
            return strip
        end = strip.cell_length
        first = min(max(span[0] - x, 0), end)
        last = end if span[1] == -1 else min(max(span[1] - x, first), end)
        parts = list(strip.divide([first, last, end]))
        style = self.screen.get_component_rich_style("screen--selection")
        parts[1:2] = [part.apply_style(style) for part in parts[1:2]]
        return Strip.join(parts)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text without colours."""
        first = 0 if selection.start is None else selection.start.y - self._gone
        last = len(self._lines) - 1
        if selection.end is not None:
            last = min(last, selection.end.y - self._gone)
        lines = [text_of(self._lines.line(i)) for i in range(max(first, 0), last + 1)]
        if lines and selection.end is not None:
            lines[-1] = lines[-1][: selection.end.x]
        if lines and selection.start is not None:
            lines[0] = lines[0][selection.start.x :]
        return "\n".join(lines), "\n"

    # Colours

    def _base(self) -> Style:
        ground = self.rich_style
        return Style(color=ground.color, bgcolor=ground.bgcolor)

    def _match_style(self) -> Style:
        style = self.get_component_rich_style("log--match")
        return Style(bgcolor=style.bgcolor, underline=style.underline, reverse=style.reverse)


LABEL_TOKENS: Final[tuple[Token, ...]] = ("run", "ok", "warn", "accent", "block", "wait")
"""In which logs are told apart beside their names; none means anything here."""


def token_of(label: str) -> Token:
    """The colour of a log's name: the same wherever it is shown."""
    number = int("".join(char for char in label if char.isdigit()) or 0)
    return LABEL_TOKENS[number % len(LABEL_TOKENS)]
