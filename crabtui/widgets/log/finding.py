"""Searching a log in view: what is asked for, what was found, and only that, if wished."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from crabtui.data.logs.search import LogSearch
from crabtui.data.logs.sifted import LogSifted, Sifted
from crabtui.widgets.log.motion import LogMotion

SLICE_LINES: Final = 500
"""Of several logs, looked at in one go, so that no key waits for it."""

SEARCH_GAP_S: Final = 0.25
"""Between two searches of what has come meanwhile."""

CONTEXT: Final = 3
"""Lines around each that is found."""


class LogFinding(LogMotion):
    """One log is searched where it lies; of several, what is kept of them is looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "match(1)", "next", id="log.next", show=False),
        Binding("N", "match(-1)", "previous", id="log.previous", show=False),
    ]
    _match_at: int | None = None
    _nearby: int | None = None
    """Lines around each match that are shown, and nothing else; None: all lines are."""
    _mark: int | None = None
    _is_searching = False
    _is_partial = False
    """A search broke off before it had looked at everything."""
    _searched_bytes = -1
    """How long the log was when it was asked for what is new in it."""
    _looked = 0
    """Of several logs: the key of the first line that was not looked at."""

    # What it is told

    def search(self, wanted: str) -> None:
        """Mark and count the lines with this text; nothing ends the search.

        Raises:
            InvalidSpec: it cannot be searched for; the search before goes on.
        """
        search = LogSearch(wanted) if wanted else None
        self._search = search
        self._match_at = None
        self._begin_search()

    def on_mount(self) -> None:
        """What was to be searched for before can be asked for now."""
        self._search_on()

    def _begin_search(self) -> None:
        """Look at everything from the beginning, or rather from the end."""
        search = self._search
        if search is None:
            self._nearby = None
        else:
            self._search = LogSearch(search.wanted)
        self._looked, self._searched_bytes = 0, -1
        self._is_searching = self._is_partial = False
        self._show_sifted(LogSifted() if self._nearby is not None else None)
        self._strips.clear()
        self._tell_search()
        self._search_on()
        self._redraw()

    def take_found(
        self,
        wanted: str,
        lines: Sequence[Sifted],
        matches: Sequence[int],
        span: tuple[int, int],
    ) -> None:
        """Lines that were found among those that begin in `span`; `matches` are their keys."""
        search = self._search
        if search is None or search.wanted != wanted:
            return
        search.take(matches, *span)
        if self._sifted is not None:
            self._sift(lines)
        self._tell_search()

    def searched(self, wanted: str, *, is_whole: bool = True) -> None:
        """All that there was has been looked at; what has come since is asked for.

        If not `is_whole`, the search broke off: what it found is part of it.
        """
        if self._search is not None and self._search.wanted == wanted:
            self._is_searching = False
            self._is_partial = self._is_partial or not is_whole
            self._tell_search()
            self.set_timer(SEARCH_GAP_S, self._search_on)

    def complete(self) -> None:
        """The log has ended: a last line that has no end is one now."""
        self._searched_bytes = -1
        self._search_on()

    def search_again(self) -> None:
        """Begin anew with a search that broke off."""
        if self._is_partial:
            self._begin_search()

    @property
    def counted(self) -> str:
        """`12/340+` of the search; empty if there is none."""
        if self._search is None:
            return ""
        is_whole = not (self._is_searching or self._is_partial)
        return self._search.counted(self._match_at, is_whole=is_whole)

    @property
    def is_sifting(self) -> bool:
        """Whether only what was found is shown."""
        return self._sifted is not None

    # Keys

    def action_match(self, by: int) -> None:
        """Go to the next or previous line that was found."""
        if self._search is None:
            return
        here = self._match_at
        if here is None:
            seen = [line for line, _ in self._visible()] or [0]
            line = seen[0] if by > 0 else seen[-1]
            here = self._offset_of(line) - (1 if by > 0 else -1)
        found = self._search.after(here) if by > 0 else self._search.before(here)
        if found is not None:
            self._match_at = found
            self._show_offset(found)
            self._tell_search()

    def set_mark(self) -> None:
        """Remember the first line in view."""
        self._mark = self._offset_of(self._first_row()[0])

    def go_to_mark(self) -> bool:
        """Go to the line that is remembered, and remember this one; False if none is."""
        if self._mark is None:
            return False
        mark = self._mark
        self.set_mark()
        self.following = False
        self._show_offset(mark)
        return True

    def sift(self, *, around: bool) -> None:
        """Show only the lines that are found, with those around them, or all again."""
        wished = CONTEXT if around else 0
        here = self._offset_of(self._first_row()[0])
        self._nearby = None if self._nearby == wished else wished
        following = self.following
        self._begin_search()
        if self._nearby is None and not following:
            self._show_offset(here)

    # Inside

    def _search_on(self) -> None:
        """Have what was not looked at yet looked at."""
        search = self._search
        if search is None or self._is_searching or not self.is_attached:
            return
        if self._merged is not None:
            if self._looked < self._merged.start_of(len(self._merged)):
                self._is_searching = True
                self.call_later(self._search_slice)
        elif search.end is None or self._size_bytes > self._searched_bytes:
            self._is_searching = True
            self._searched_bytes = self._size_bytes
            self.post_message(self.SearchWanted(search.wanted, search.end, self._nearby))

    def _search_slice(self) -> None:
        search, merged = self._search, self._merged
        self._is_searching = False
        if search is None or merged is None:
            return
        first = merged.place_at(self._looked)
        places = range(first, min(first + SLICE_LINES, len(merged)))
        found = [n for n in places if search.pattern.occurs(merged.line(n))]
        lines = [self._of_merged(near) for n in found for near in self._around(n)]
        end = merged.start_of(places.stop)
        self._looked = end
        matches = [merged.start_of(n) for n in found]
        self.take_found(search.wanted, lines, matches, (merged.start_of(first), end))
        self._search_on()

    def _around(self, place: int) -> range:
        assert self._merged is not None
        context = self._nearby or 0
        return range(max(place - context, 0), min(place + context + 1, len(self._merged)))

    def _of_merged(self, place: int) -> Sifted:
        assert self._merged is not None
        merged = self._merged
        return Sifted(merged.start_of(place), merged.line(place), label=merged.label(place))

    def _show_sifted(self, sifted: LogSifted | None) -> None:
        if (sifted is None) != (self._sifted is None):
            self._top, self._left = (0, 0), 0
            self.following = True
        self._sifted = sifted

    def _sift(self, lines: Sequence[Sifted]) -> None:
        assert self._sifted is not None
        line = self._top[0] + self._sifted.take(lines)
        self._top = (line, self._top[1]) if line >= 0 else (0, 0)
        self._redraw()

    def _tell_search(self) -> None:
        if self.is_attached:
            self.post_message(self.Searched(self.counted))
            self.refresh()
