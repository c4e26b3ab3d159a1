"""A log that grows: its tail as it comes, any part of it on demand, search, colours."""

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from crabtui import theme
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Token
from crabtui.data.log_search import LogSearch
from crabtui.data.log_text import STEP_BYTES
from crabtui.data.wording import count
from crabtui.widgets.line import Part, part_strip
from crabtui.widgets.log_motion import TITLE_ROWS, LogMotion

FRAME_S = 0.05
"""What comes within this time is taken at once: one append for a frame."""

MOST_PENDING = STEP_BYTES


class LogView(LogMotion, can_focus=True):
    """Shows bytes as they are given. Follows the end until it is scrolled away from it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--match", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    LogView { background: $crab-background; color: $crab-text; height: 1fr; width: 1fr; }
    LogView > .log--match { background: $crab-raised; text-style: $crab-match-style; }
    """ + theme.token_css("LogView")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "match(1)", "next", id="log.next", show=False),
        Binding("N", "match(-1)", "previous", id="log.previous", show=False),
    ]
    title: reactive[str] = reactive("Log")

    def __init__(
        self,
        *,
        title: str = "Log",
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self.set_reactive(LogView.title, title)
        self._match_at: int | None = None
        self._pending: list[tuple[int, bytes]] = []
        self._pending_bytes = 0
        self._is_scheduled = False
        self._is_searching = False
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

    @property
    def _title_region(self) -> Region:
        return Region(0, 0, self.size.width, TITLE_ROWS)

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

    def on_resize(self) -> None:
        self._redraw()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
