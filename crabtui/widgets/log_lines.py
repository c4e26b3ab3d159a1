"""The lines of a log as they are drawn: their rows, their colours, what is selected."""

from rich.style import Style
from textual.cache import LRUCache
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from crabtui.data.ansi import text_of
from crabtui.data.log_search import LogSearch
from crabtui.data.log_text import LogText
from crabtui.widgets.log_paint import strip_of, wrapped


class LogLines(Widget):
    """Knows what is loaded of a log and draws any line of it, wrapped or not."""

    wrapping: reactive[bool] = reactive(False)

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
        self._search: LogSearch | None = None
        self._gone = 0
        self._strips: LRUCache[tuple[object, ...], list[Strip]] = LRUCache(512)

    @property
    def line_count(self) -> int:
        """Lines that are loaded."""
        return len(self._text)

    def _offset_of(self, line: int) -> int:
        return self._text.start_of(line) if line < len(self._text) else 0

    def _height(self, line: int) -> int:
        """Rows of a line."""
        if not self.wrapping or not 0 <= line < len(self._text):
            return 1
        return len(self._drawn(line))

    def _drawn(self, line: int) -> list[Strip]:
        """The rows of a line."""
        start, data = self._text.start_of(line), self._text.line(line)
        width = self.size.width if self.wrapping else 0
        key = (start, len(data), width)
        rows = self._strips.get(key)
        if rows is None:
            wanted = self._search.wanted if self._search else ""
            strip = strip_of(
                data, self._base(), self._match_style(), wanted, ascii_only=self._ascii
            )
            rows = self._strips[key] = wrapped(strip, width) if width else [strip]
        return rows

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
        last = len(self._text) - 1
        if selection.end is not None:
            last = min(last, selection.end.y - self._gone)
        lines = [text_of(self._text.line(i)) for i in range(max(first, 0), last + 1)]
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
