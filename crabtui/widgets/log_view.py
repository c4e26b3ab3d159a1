"""A log that grows: its tail as it comes, any part of it on demand, search, colours."""

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from crabtui import theme
from crabtui.data.ansi import text_of
from crabtui.data.glyphs import Token
from crabtui.data.log_search import LogSearch
from crabtui.data.log_text import STEP_BYTES, LogText
from crabtui.data.wording import count
from crabtui.widgets.line import Part, part_strip
from crabtui.widgets.log_paint import strip_of, wrapped
from crabtui.widgets.table_paint import fit

FRAME_S = 0.05
"""What comes within this time is taken at once: one append for a frame."""

ASK_BYTES = 64 * 2**10
"""How much older text is asked for at a time."""

MOST_PENDING = STEP_BYTES
TITLE_ROWS = 1
HOP = 10
"""Cells of one step to the side."""

Row = tuple[int, int]
"""A line and which of its wrapped rows."""


class LogView(Widget, can_focus=True):
    """Shows bytes as they are given. Follows the end until it is scrolled away from it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--match", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    LogView { background: $crab-background; color: $crab-text; height: 1fr; width: 1fr; }
    LogView > .log--match { background: $crab-raised; text-style: $crab-match-style; }
    """ + theme.token_css("LogView")
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
        Binding("n", "match(1)", "next", id="log.next", show=False),
        Binding("N", "match(-1)", "previous", id="log.previous", show=False),
    ]
    title: reactive[str] = reactive("Log")
    following: reactive[bool] = reactive(True)
    wrapping: reactive[bool] = reactive(False)

    class WindowWanted(Message):
        """Bytes from `offset` on are needed; older than what is loaded, or the tail."""

        def __init__(self, offset: int) -> None:
            self.offset = offset
            super().__init__()

    class Searched(Message):
        """How far the search is: `12/340+`; empty if there is none."""

        def __init__(self, counted: str) -> None:
            self.counted = counted
            super().__init__()

    def __init__(
        self,
        *,
        title: str = "Log",
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(LogView.title, title)
        self._ascii = ascii_only
        self._text = LogText()
        self._search: LogSearch | None = None
        self._match_at: int | None = None
        self._size_bytes = 0
        self._dropped = 0
        self._gone = 0
        self._top: Row = (0, 0)
        self._left = 0
        self._pending: list[tuple[int, bytes]] = []
        self._pending_bytes = 0
        self._is_scheduled = False
        self._is_searching = False
        self._asked: int | None = None
        self._rows: list[Row] | None = None
        self._strips: LRUCache[tuple[object, ...], list[Strip]] = LRUCache(512)
        self._styles: dict[Token, Style] | None = None

    # What it is told

    def append(self, chunk: bytes, *, offset: int, size: int, dropped: int) -> None:
        """Bytes of the log at `offset`: its next ones, or older ones that were wanted.

        `size` is the whole log's length so far; `dropped` is how many bytes at its start
        are gone for good.
        """
        self._size_bytes = max(self._size_bytes, size, offset + len(chunk))
        self._dropped = max(self._dropped, dropped)
        self._pending.append((offset, chunk))
        self._pending_bytes += len(chunk)
        if self._pending_bytes > MOST_PENDING:
            self._take()
        elif not self._is_scheduled:
            self._is_scheduled = True
            self.set_timer(FRAME_S, self._take)

    def reset(self) -> None:
        """Show another log from now on: nothing of it is known yet."""
        self._pending.clear()
        self._pending_bytes = 0
        self._text.clear()
        self._size_bytes = self._dropped = self._gone = 0
        self._top, self._left, self._asked = (0, 0), 0, None
        self.following = True
        wanted = self._search.wanted if self._search else ""
        self.search(wanted)
        self._redraw()

    def search(self, wanted: str) -> None:
        """Mark and count the lines with this text; nothing ends the search."""
        self._search = LogSearch(wanted, self._text) if wanted else None
        self._match_at = None
        self._strips.clear()
        self._tell_search()
        self._search_on()
        self._redraw()

    # What it tells

    @property
    def line_count(self) -> int:
        """Lines that are loaded."""
        return len(self._text)

    @property
    def offset_wanted(self) -> int:
        """Where to read on from: the end of what is loaded or about to be."""
        return max([self._text.end, *(at + len(data) for at, data in self._pending)])

    @property
    def counted(self) -> str:
        """`12/340+` of the search; empty if there is none."""
        if self._search is None:
            return ""
        is_whole = self._text.base <= self._dropped and self._text.end >= self._size_bytes
        return self._search.counted(self._match_at, is_whole=is_whole)

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
        if self._text.base > self._dropped:
            self._want(self._dropped)
        self._redraw()

    def action_last(self) -> None:
        """To the end, and stay there."""
        self.following = True
        if self._text.end < self._size_bytes:
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

    def action_match(self, by: int) -> None:
        """Go to the next or previous line that was found."""
        if self._search is None:
            return
        here = self._match_at
        if here is None:
            here = self._offset_of(self._first_row()[0]) - (1 if by > 0 else 0)
        found = self._search.after(here) if by > 0 else self._search.before(here)
        if found is not None:
            self._match_at = found
            self._show_line(self._text.place_at(found))
            self._tell_search()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_roll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_roll(-3)

    # Taking what comes

    def _take(self) -> None:
        """Take everything that came since the last frame."""
        self._is_scheduled = False
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        for offset, data in pending:
            self._take_one(offset, data)
        if self._search is not None:
            self._search.forget_before(self._text.base)
            self._search_on()
        self._redraw()

    def _take_one(self, offset: int, data: bytes) -> None:
        text = self._text
        if len(text) and offset < text.base:
            self._take_older(offset, data)
        elif self.following or offset <= text.end or not len(text):
            self._forget_lines(text.append(data, offset))
            self._asked = None

    def _take_older(self, offset: int, data: bytes) -> None:
        if offset + len(data) < self._text.base:
            self._text.clear(offset)
            self._text.append(data, offset)
            self._top = (0, 0)
            self._strips.clear()
        else:
            added = self._text.prepend(data, offset)
            self._gone -= added
            self._top = (self._top[0] + added, self._top[1])
        self._asked = None

    def _forget_lines(self, number: int) -> None:
        self._gone += number
        line = self._top[0] - number
        self._top = (line, self._top[1]) if line >= 0 else (0, 0)

    def _want(self, offset: int) -> None:
        if offset != self._asked:
            self._asked = offset
            self.post_message(self.WindowWanted(offset))

    # Searching

    def _search_on(self) -> None:
        if self._search is not None and not self._is_searching:
            self._is_searching = True
            self.call_later(self._search_slice)

    def _search_slice(self) -> None:
        search = self._search
        self._is_searching = False
        if search is None:
            return
        if not search.is_done:
            search.step()
            self._search_on()
        self._tell_search()

    def _tell_search(self) -> None:
        if self.is_attached:
            self.post_message(self.Searched(self.counted))
            self.refresh(self._title_region)

    # Where it stands

    @property
    def page_rows(self) -> int:
        """Rows in view."""
        return max(self.size.height - TITLE_ROWS - self._notes, 1)

    @property
    def _notes(self) -> int:
        """Rows above the text: what was dropped, or is not loaded yet."""
        return 1 if self._text.base > 0 else 0

    def _first_row(self) -> Row:
        """The row at the top of the view."""
        if not self.following:
            return self._top
        last = len(self._text) - 1
        return self._walk((max(last, 0), self._height(last) - 1), 1 - self.page_rows)

    def _height(self, line: int) -> int:
        """Rows of a line."""
        if not self.wrapping or not 0 <= line < len(self._text):
            return 1
        return len(self._drawn(line))

    def _walk(self, row: Row, by: int) -> Row:
        """The row `by` rows further down, or up; stops at the ends."""
        line, part = row
        last = len(self._text) - 1
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
        last = len(self._text) - 1
        end = self._walk((max(last, 0), self._height(last) - 1), 1 - self.page_rows)
        is_tail = self._text.end >= self._size_bytes
        self.following = self._top >= end and is_tail
        if self._top >= end and not is_tail:
            self._want(self._text.end)
        if self._top[0] < self.page_rows and self._text.base > self._dropped:
            self._want(max(self._text.base - ASK_BYTES, self._dropped))
        self._redraw()

    def _show_line(self, line: int) -> None:
        """Bring a line into view, a third from the top, unless it is in view."""
        if line in {place for place, _ in self._visible()}:
            self._redraw()
            return
        self.following = False
        self._top = self._walk((line, 0), -(self.page_rows // 3))
        self._redraw()

    def _offset_of(self, line: int) -> int:
        return self._text.start_of(line) if line < len(self._text) else 0

    def _visible(self) -> list[Row]:
        """The rows in view, from the top."""
        if self._rows is None:
            self._rows = self._lay_out()
        return self._rows

    def _lay_out(self) -> list[Row]:
        rows: list[Row] = []
        line, part = self._first_row()
        while len(rows) < self.page_rows and line < len(self._text):
            height = self._height(line)
            rows += [(line, each) for each in range(part, height)]
            line, part = line + 1, 0
        return rows[: self.page_rows]

    def _redraw(self) -> None:
        self._rows = None
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        base, width = self._base(), self.size.width
        if y < TITLE_ROWS:
            return part_strip(self._title(width), width, styles, base, base)
        if y < TITLE_ROWS + self._notes:
            note = (Part(self._note(), "muted"),)
            return part_strip(note, width, styles, base, base, ascii_only=self._ascii)
        rows, place = self._visible(), y - TITLE_ROWS - self._notes
        if place >= len(rows):
            return Strip.blank(width, base)
        line, part = rows[place]
        strip = self._drawn(line)[part]
        x = part * width if self.wrapping else self._left
        shown = strip.crop_extend(self._left, self._left + width, base)
        number = line + self._gone
        return self._selected(shown, number, x).apply_offsets(x, number)

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

    def _title(self, width: int) -> list[Part]:
        lit = self.has_focus
        name = Part(f" {self.title} ", "accent" if lit else "muted", bold=lit)
        facts = [
            "FOLLOW (f)" if self.following else "follow off (f)",
            *(["wrap (W)"] if self.wrapping else []),
            *([f"{self.counted} found"] if self._search else []),
            f"{count(self.line_count, exact=self._text.base == 0)} lines",
        ]
        right = f" {'  '.join(facts)} "
        if len(name.text) + len(right) > width:
            return [Part(fit(name.text, width), name.token, bold=lit)]
        rule = ("-" if self._ascii else "─") * (width - len(name.text) - len(right))
        return [name, Part(rule, "line"), Part(right, "muted")]

    def _note(self) -> str:
        if self._text.base > self._dropped:
            return f" ··· {count(self._text.base - self._dropped)} bytes above (g) ···"
        return f" ··· {count(self._dropped)} bytes dropped ···"

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

    @property
    def _title_region(self) -> Region:
        return Region(0, 0, self.size.width, TITLE_ROWS)

    def _base(self) -> Style:
        ground = self.rich_style
        return Style(color=ground.color, bgcolor=ground.bgcolor)

    def _match_style(self) -> Style:
        style = self.get_component_rich_style("log--match")
        return Style(bgcolor=style.bgcolor, underline=style.underline, reverse=style.reverse)

    def _load_styles(self) -> dict[Token, Style]:
        self._styles = theme.token_styles(self)
        return self._styles

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles = None
        self._strips.clear()

    def watch_title(self) -> None:
        self.refresh()

    def watch_following(self) -> None:
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
