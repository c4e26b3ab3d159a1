"""Which rows of a log are in view: keys, wheel, following its end, asking for more."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from crabtui.widgets.log.lines import LogLines
from crabtui.widgets.log.messages import LogMessages

ASK_BYTES = 64 * 2**10
"""How much older text is asked for at a time."""

TITLE_ROWS = 1
HOP = 10
"""Cells of one step to the side."""

Row = tuple[int, int]
"""A line and which of its wrapped rows."""


class LogMotion(LogMessages, LogLines):
    """Follows the end until it is scrolled away from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "roll(1)", "down", id="log.down", show=False),
        Binding("k,up", "roll(-1)", "up", id="log.up", show=False),
        Binding("g,home", "first", "first", id="log.first", show=False),
        Binding("G,end", "last", "last", id="log.last", show=False),
        Binding("ctrl+d", "page(0.5)", "half down", id="log.half_down", show=False),
        Binding("ctrl+u", "page(-0.5)", "half up", id="log.half_up", show=False),
        Binding("pagedown", "page(1)", "page down", id="log.page_down", show=False),
        Binding("pageup", "page(-1)", "page up", id="log.page_up", show=False),
        Binding("right", "aside(1)", "right", id="log.right", show=False),
        Binding("left", "aside(-1)", "left", id="log.left", show=False),
        Binding("0", "aside(0)", "line start", id="log.start", show=False),
        Binding("f", "follow", "follow", id="log.follow", show=False),
        Binding("W", "wrap", "wrap", id="log.wrap", show=False),
    ]
    following: reactive[bool] = reactive(True)

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._size_bytes = 0
        self._dropped = 0
        self._top: Row = (0, 0)
        self._left = 0
        self._asked: int | None = None
        self._goal: int | None = None
        """Where to go once it is loaded."""
        self._rows: list[Row] | None = None

    # Keys

    def action_roll(self, by: int) -> None:
        """Scroll by rows; down past the end begins to follow."""
        self._top = self._walk(self._first_row(), by)
        self._arrive()

    def action_page(self, pages: float) -> None:
        self.action_roll(int(pages * self.page_rows) or (1 if pages > 0 else -1))

    def action_first(self) -> None:
        """To the oldest line; asks for it if it is not loaded."""
        self.following = False
        self._top = (0, 0)
        if self._has_older:
            self._want(self._dropped)
        self._redraw()

    def action_last(self) -> None:
        """To the end, and stay there."""
        self.following = True
        if self._has_newer:
            self._want(max(self._size_bytes - ASK_BYTES, self._dropped))
        self._redraw()

    def action_follow(self) -> None:
        """Stay at the end as the log grows, or stay here."""
        if self.following:
            self._top = self._first_row()
            self.following = False
        else:
            self.action_last()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        line = self._first_row()[0]
        self.wrapping = not self.wrapping
        self._top, self._left = (line, 0), 0
        self._strips.clear()
        self._redraw()

    def action_aside(self, by: int) -> None:
        """Scroll sideways; 0 goes back to the start of the lines."""
        if not self.wrapping:
            self._left = max(self._left + by * HOP, 0) if by else 0
            self._redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_roll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_roll(-3)

    # Where it stands

    @property
    def page_rows(self) -> int:
        """Rows in view."""
        return max(self.size.height - TITLE_ROWS - self._notes, 1)

    @property
    def _notes(self) -> int:
        """Rows above the text: what was dropped, or is not loaded yet."""
        return 1 if self._is_plain and self._text.base > 0 else 0

    @property
    def _is_plain(self) -> bool:
        """Whether what is shown is one log, of which more can be asked for."""
        return self._sifted is None and self._merged is None

    @property
    def _has_older(self) -> bool:
        return self._is_plain and self._text.base > self._dropped

    @property
    def _has_newer(self) -> bool:
        return self._is_plain and self._end_soon < self._size_bytes

    @property
    def _end_soon(self) -> int:
        """Where what is loaded ends, once what has come is taken."""
        return self._text.end

    def _first_row(self) -> Row:
        """The row at the top of the view."""
        if not self.following:
            return self._top
        last = len(self._lines) - 1
        return self._walk((max(last, 0), self._height(last) - 1), 1 - self.page_rows)

    def _walk(self, row: Row, by: int) -> Row:
        """The row `by` rows further down, or up; stops at the ends."""
        line, part = row
        last = len(self._lines) - 1
        while by > 0 and line <= last:
            left = self._height(line) - 1 - part
            if by <= left:
                return line, part + by
            if line == last:
                return line, part + left
            by, line, part = by - left - 1, line + 1, 0
        while by < 0:
            if -by <= part:
                return line, part + by
            if line <= 0:
                return 0, 0
            by, line = by + part + 1, line - 1
            part = self._height(line) - 1
        return line, part

    def _arrive(self) -> None:
        """After scrolling: follow if this is the end, ask for more if it is the start."""
        last = len(self._lines) - 1
        end = self._walk((max(last, 0), self._height(last) - 1), 1 - self.page_rows)
        self.following = self._top >= end and not self._has_newer
        if self._has_newer and self._top[0] >= end[0] - self.page_rows:
            self._want(self._text.end)
        elif self._has_older and self._top[0] < self.page_rows:
            self._want(max(self._text.base - ASK_BYTES, self._dropped))
        self._redraw()

    def _show_offset(self, offset: int) -> None:
        """Bring the line with this key into view; asks for it if it is not loaded."""
        text = self._text
        if self._is_plain and not (text.base <= offset < text.end):
            self.following = False
            self._goal = offset
            self._want(max(offset - ASK_BYTES // 2, self._dropped))
        else:
            self._show_line(self._lines.place_at(offset))

    def _show_line(self, line: int) -> None:
        """Bring a line into view, a third from the top, unless it is in view."""
        if line in {place for place, _ in self._visible()}:
            self._redraw()
            return
        self.following = False
        self._top = self._walk((line, 0), -(self.page_rows // 3))
        self._redraw()

    def _visible(self) -> list[Row]:
        """The rows in view, from the top."""
        if self._rows is None:
            self._rows = self._lay_out()
        return self._rows

    def _lay_out(self) -> list[Row]:
        rows: list[Row] = []
        line, part = self._first_row()
        while len(rows) < self.page_rows and line < len(self._lines):
            height = self._height(line)
            rows += [(line, each) for each in range(part, height)]
            line, part = line + 1, 0
        return rows[: self.page_rows]

    def _redraw(self) -> None:
        self._rows = None
        self.refresh()

    def _want(self, offset: int) -> None:
        if offset != self._asked:
            self._asked = offset
            self.post_message(self.WindowWanted(offset))

    def watch_following(self) -> None:
        self._redraw()
