"""A log that grows: its tail as it comes, any part of it on demand, search, colours."""

from typing import ClassVar

from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from crabtui import theme
from crabtui.data.glyphs import Token
from crabtui.data.logs.ansi import is_cut
from crabtui.data.logs.merged import LogMerged
from crabtui.data.logs.text import MOST_BYTES, STEP_BYTES
from crabtui.widgets.line import Part, part_strip
from crabtui.widgets.log.finding import LogFinding
from crabtui.widgets.log.motion import TITLE_ROWS
from crabtui.widgets.log.title import LogFacts, note_above, title_parts

FRAME_S = 0.05
"""What comes within this time is taken at once: one append for a frame."""

MOST_PENDING = STEP_BYTES

MOST_COUNTED = 2**30
"""Bytes before what is shown, above which lines are not counted."""


class LogView(LogFinding, can_focus=True):
    """Shows bytes as they are given. Follows the end until it is scrolled away from it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--match", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    LogView { background: $crab-background; color: $crab-text; height: 1fr; width: 1fr; }
    LogView > .log--match { background: $crab-raised; text-style: $crab-match-style; }
    """ + theme.token_css("LogView")
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
        self._pending: list[tuple[int, bytes, bool]] = []
        self._pending_bytes = 0
        self._is_scheduled = False
        self._counted_at: int | None = None
        self._styles: dict[Token, Style] | None = None

    # What it is told

    def append(
        self,
        chunk: bytes,
        *,
        offset: int,
        size: int,
        dropped: int,
        wanted: bool = False,
        at: int = 0,
    ) -> None:
        """Bytes of the log at `offset`: its next ones, or others that were `wanted`.

        Args:
            chunk: The bytes.
            offset: Where they begin.
            size: The whole log's length so far.
            dropped: How many bytes at its start are gone for good.
            wanted: They were asked for, wherever they lie.
            at: When they came, if they were followed as they came; 0: they did not.
        """
        self._size_bytes = max(self._size_bytes, size, offset + len(chunk))
        self._dropped = max(self._dropped, dropped)
        if at:
            self._arrivals.note(offset, len(chunk), at)
        self._pending.append((offset, chunk, wanted))
        self._pending_bytes += len(chunk)
        if self._pending_bytes > MOST_PENDING:
            self._take()
        else:
            self._schedule()

    def append_of(self, source: str, chunk: bytes, *, offset: int, at: int) -> None:
        """Bytes of one of several logs; from now on this shows them merged."""
        if self._merged is None:
            self._merged = LogMerged()
        self._forget_lines(self._merged.take(source, chunk, offset, at))
        self._schedule()

    def finish_of(self, source: str, *, at: int) -> None:
        """One of several logs has ended."""
        if self._merged is not None:
            self._forget_lines(self._merged.finish(source, at))
            self._schedule()

    def restart_of(self, source: str, *, at: int) -> None:
        """One of several logs begins anew."""
        if self._merged is not None:
            self._forget_lines(self._merged.restart(source, at))

    def expect(self, sources: list[str]) -> None:
        """Lines of these logs will come, and be shown merged."""
        self._merged = LogMerged()
        for source in sources:
            self._merged.add(source)

    def end_of(self, source: str) -> int:
        """Offset past what was taken of one of several logs."""
        return self._merged.end_of(source) if self._merged is not None else 0

    def reset(self) -> None:
        """Show another log from now on: nothing of it is known yet."""
        self._pending.clear()
        self._pending_bytes = 0
        self._text.clear()
        self._arrivals.clear()
        self._size_bytes = self._dropped = self._gone = 0
        self._top, self._left, self._asked = (0, 0), 0, None
        self._goal = self._counted_at = None
        self.following = True
        self._begin_search()

    def know_lines(self, offset: int, before: int) -> None:
        """So many lines begin before the one that has the byte at `offset`."""
        self._text.know(offset, before)
        self.refresh()

    def gave_up(self) -> None:
        """What was wanted does not come; it may be asked for again."""
        self._asked = self._goal = self._counted_at = None

    # What it tells

    @property
    def offset_wanted(self) -> int:
        """Where to read on from: the end of what is loaded or about to be."""
        ends = (at + len(data) for at, data, wanted in self._pending if not wanted)
        return max([self._text.end, *ends])

    @property
    def _end_soon(self) -> int:
        end = self._text.end
        for offset, data, _ in self._pending:
            if offset <= end:
                end = max(end, offset + len(data))
        return end

    @property
    def line_here(self) -> int | None:
        """The place of the line that an act is for: the match in view, else the first."""
        seen = list(dict.fromkeys(line for line, _ in self._visible()))
        if self._match_at is not None and len(self._lines):
            place = self._lines.place_at(self._match_at)
            if place in seen:
                return place
        long = [line for line in seen if is_cut(self._lines.line(line))]
        return next(iter([*long, *seen]), None)

    def line_at(self, place: int) -> bytes:
        """The line at a place. Raises: IndexError."""
        return self._lines.line(place)

    def open_line(self) -> None:
        """Have all of a line shown: of the match in view, of the first one that is cut."""
        place = self.line_here
        if place is not None:
            data, number = self._lines.line(place), self._lines.number(place)
            self.post_message(self.LineOpened(data, number))

    # Taking what comes

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self.set_timer(FRAME_S, self._take)

    def _take(self) -> None:
        """Take everything that came since the last frame."""
        self._is_scheduled = False
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        for offset, data, wanted in pending:
            self._take_one(offset, data, wanted=wanted)
        if self._search is not None:
            if self._merged is None:
                self._search.forget_before(self._dropped)
            self._search_on()
        self._count_on()
        self._redraw()

    def _take_one(self, offset: int, data: bytes, *, wanted: bool) -> None:
        text = self._text
        if not (wanted or self.following) and text.end - text.base + len(data) > MOST_BYTES:
            return  # what is being read would have to go for it
        if len(text) and offset < text.base:
            self._take_older(offset, data)
        elif self.following or offset <= text.end or not len(text) or wanted:
            gone = text.append(data, offset)
            if self._is_plain:
                self._forget_lines(gone)
            if wanted or self.following:
                self._asked = None
        if self._goal is not None and text.base <= self._goal < text.end:
            goal, self._goal = self._goal, None
            self._show_offset(goal)

    def _take_older(self, offset: int, data: bytes) -> None:
        if offset + len(data) < self._text.base:
            self._text.clear(offset)
            self._text.append(data, offset)
            self._strips.clear()
            if self._is_plain:
                self._top = (0, 0)
        else:
            added = self._text.prepend(data, offset)
            if self._is_plain:
                self._gone -= added
                self._top = (self._top[0] + added, self._top[1])
        self._asked = None

    def _forget_lines(self, number: int) -> None:
        self._gone += number
        if self._sifted is None:
            line = self._top[0] - number
            self._top = (line, self._top[1]) if line >= 0 else (0, 0)

    def _count_on(self) -> None:
        """Have the lines before what is shown counted, once for each place."""
        text = self._text
        if self._merged is not None or not len(text) or text.first is not None:
            return
        if text.base <= self._dropped:
            text.first = 0
        elif self._counted_at != text.base and text.base - self._dropped <= MOST_COUNTED:
            self._counted_at = text.base
            self.post_message(self.CountWanted(text.base))

    # Drawing

    def render_line(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        base, width = self._base(), self.size.width
        if y < TITLE_ROWS:
            return part_strip(self._title(width), width, styles, base, base)
        if y < TITLE_ROWS + self._notes:
            above, dropped = self._text.base - self._dropped, self._dropped
            note = (Part(note_above(above, dropped), "muted"),)
            return part_strip(note, width, styles, base, base, ascii_only=self._ascii)
        rows, place = self._visible(), y - TITLE_ROWS - self._notes
        if place >= len(rows):
            return Strip.blank(width, base)
        return self._row(*rows[place], styles)

    def _row(self, line: int, part: int, styles: dict[Token, Style]) -> Strip:
        base, room = self._base(), self._room
        strip = self._drawn(line)[part]
        x = part * room if self.wrapping else self._left
        shown = strip.crop_extend(self._left, self._left + room, base)
        number = line + self._gone
        told = self._selected(shown, number, x).apply_offsets(x, number)
        before = self._before(line, part, styles)
        if not before:
            return told
        return Strip.join([Strip(before), told]).adjust_cell_length(self.size.width, base)

    def _title(self, width: int) -> list[Part]:
        first = self._first_row()[0]
        lines = self._lines
        size, offset = self._size_bytes, self._offset_of(first)
        whole = self._is_plain and not self._has_newer and self._text.first is not None
        facts = LogFacts(
            title=self.title,
            following=self.following,
            wrapping=self.wrapping,
            counted=self.counted,
            context=self._nearby,
            lines=len(lines) + (self._text.first or 0) * whole,
            is_whole=whole or not self._is_plain,
            number=lines.number(first) if first < len(lines) else None,
            estimate=lines.estimate(first),
            offset=offset if self._is_plain else first,
            size=size if self._is_plain else len(lines),
        )
        return title_parts(facts, width, lit=self.has_focus, ascii_only=self._ascii)

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

    def watch_stamping(self) -> None:
        self._strips.clear()
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
