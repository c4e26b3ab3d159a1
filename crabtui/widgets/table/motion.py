"""Where the cursor of a table stands and what is marked: keys, mouse, scrolling."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.scroll_view import ScrollView

from crabtui.data.table import columns as cols
from crabtui.data.table.arranging import AUTOMATIC, Arranged, Arrangement, arranged
from crabtui.data.table.board import Board, ids_between
from crabtui.data.table.columns import Column
from crabtui.data.table.cursor import Cursor, at_place, reseat
from crabtui.widgets.table.messages import TableMessages
from engine.control.views import JobRow

HEADER = 1
WHEEL_ROWS = 3
MARGIN_PAGES = 1
"""Pages above and below the viewport that should be loaded too."""


class TableMotion(TableMessages, ScrollView):
    """Moves through a `Board`. The cursor and the marks are ids and stay on their jobs."""

    wish: Arrangement = AUTOMATIC
    """Which columns somebody wants."""
    sort: str = "activity"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="table.down", show=False),
        Binding("k,up", "move(-1)", "up", id="table.up", show=False),
        Binding("g,home", "first", "first", id="table.first", show=False),
        Binding("G,end", "last", "last", id="table.last", show=False),
        Binding("ctrl+d", "page(0.5)", "half page down", id="table.half_down", show=False),
        Binding("ctrl+u", "page(-0.5)", "half page up", id="table.half_up", show=False),
        Binding("pagedown", "page(1)", "page down", id="table.page_down", show=False),
        Binding("pageup", "page(-1)", "page up", id="table.page_up", show=False),
        Binding("space", "mark", "mark", id="table.mark", show=False),
        Binding("v", "range", "range", id="table.range", show=False),
        Binding("shift+down", "extend(1)", "range down", id="table.extend_down", show=False),
        Binding("shift+up", "extend(-1)", "range up", id="table.extend_up", show=False),
        Binding("right", "app.press('right')", show=False),
        Binding("left", "app.press('left')", show=False),
        Binding("enter", "open", "open", id="table.open", show=False),
    ]

    following: bool = False
    """Keep the cursor on its job even if it moves out of what is loaded."""

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.board = Board()
        self.marks: set[int] = set()
        self.anchor_id: int | None = None
        self._cursor = Cursor()
        self._before_range: frozenset[int] = frozenset()
        self._asked: tuple[int, int, int] | None = None
        self._touched = False

    # What it is told

    def go_to(self, job: int) -> bool:
        """Put the cursor on a loaded job; False if it is not loaded."""
        place = self.board.place_of(job)
        if place is not None:
            self._go(place)
        return place is not None

    def clear_marks(self) -> None:
        """No job is marked any more."""
        self._before_range, self.anchor_id = frozenset(), None
        self._mark_exactly(set())

    def clear_range(self) -> None:
        """End the range, leaving its rows marked."""
        self.anchor_id = None

    def set_marks(self, jobs: Iterable[int]) -> None:
        """Mark exactly these jobs."""
        self._mark_exactly(set(jobs))

    # What it tells

    @property
    def cursor_id(self) -> int | None:
        """The job under the cursor; None if there is none or it is not loaded."""
        return self._cursor.job

    @property
    def held_id(self) -> int | None:
        """The job that a hand has put the cursor on; None while it watches the top."""
        return self._cursor.job if self._touched else None

    @property
    def cursor_row(self) -> JobRow | None:
        """The row under the cursor, if it is loaded."""
        return None if self._cursor.job is None else self.board.row_of(self._cursor.job)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that fit."""
        return self.arranged.columns

    @property
    def arranged(self) -> Arranged:
        """The columns that fit, and how many do not."""
        return arranged(self.size.width, self.wish, sort=self.sort)

    @property
    def page_rows(self) -> int:
        """Rows in view."""
        return max(self.size.height - HEADER, 1)

    @property
    def window(self) -> tuple[int, int]:
        """First place and count of what should be loaded: the viewport and its margin."""
        page = self.page_rows
        start = max(self.scroll_offset.y - MARGIN_PAGES * page, 0)
        return start, self.scroll_offset.y + (MARGIN_PAGES + 1) * page - start

    @property
    def shown_places(self) -> tuple[int, int]:
        """First and last place in view, counted from 1, for `1-18 of 420`."""
        places = self._visible()
        return (places.start + 1, places.stop) if places else (0, 0)

    # Keys

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self._go(self._cursor.place + by)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(self.board.total - 1)

    def action_page(self, pages: float) -> None:
        """Move the cursor by some pages, and the view with it."""
        by = int(pages * self.page_rows) or (1 if pages > 0 else -1)
        self._scroll(self.scroll_offset.y + by)
        self._go(self._cursor.place + by)

    def action_mark(self) -> None:
        """Mark or unmark the cursor's row and move down."""
        if self._cursor.job is None:
            return
        self._toggle(self._cursor.job)
        self.action_move(1)

    def action_range(self) -> None:
        """Begin a range at the cursor, or end it there."""
        if self.anchor_id is not None:
            self.anchor_id = None
            return
        self._begin_range()
        self._extend_range()

    def action_extend(self, by: int) -> None:
        """Move the cursor and mark what it passes."""
        if self.anchor_id is None:
            self._begin_range()
        self.action_move(by)

    def action_open(self) -> None:
        if self._cursor.job is not None:
            self.post_message(self.Opened(self._cursor.job))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor and does nothing else to a job."""
        event.stop()
        if event.y < HEADER:
            self._click_header(event.x)
            return
        place = event.y - HEADER + self.scroll_offset.y
        row = self.board.at(place)
        if row is not None:
            self._click_row(event, place, row.id)

    def _click_header(self, x: int) -> None:
        edge = cols.GUTTER
        for column in self.columns:
            edge += column.width + 1
            if x < edge:
                if column.sort is not None:
                    self.post_message(self.SortWanted(column.sort))
                return

    def _click_row(self, event: events.Click, place: int, job: int) -> None:
        if event.shift and self.anchor_id is None:
            self._begin_range()
        elif not event.shift:
            self.anchor_id = None
        self._go(place)
        if event.button == 3:
            self.post_message(self.MenuWanted(job))
        elif event.x < cols.GUTTER and not event.shift:
            self._toggle(job)
        elif event.chain == 2:
            self.post_message(self.Opened(job))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._wheel(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._wheel(-WHEEL_ROWS)

    def _wheel(self, rows: int) -> None:
        self._scroll(self.scroll_offset.y + rows)
        self.post_message(self.Moved())

    # Moving

    def _go(self, place: int) -> None:
        before = self._cursor
        self._cursor = at_place(self.board, place)
        self._touched = self._cursor.place > 0
        self._redraw(before.place)
        self._redraw(self._cursor.place)
        self._reveal(self._cursor.place)
        self._extend_range()
        self.post_message(self.Moved())
        if self._cursor.job != before.job:
            self.post_message(self.CursorMoved(self._cursor.job))

    def _reveal(self, place: int) -> None:
        top = self.scroll_offset.y
        if place < top:
            self._scroll(place)
        elif place >= top + self.page_rows:
            self._scroll(place - self.page_rows + 1)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=max(top, 0), animate=False, force=True)
        self._want_window()

    def _reseat(self, old: Board) -> None:
        before = self._cursor
        after = reseat(before, old, self.board, following=self.following)
        self._cursor = after.cursor
        if before.job is not None and after.cursor.place != before.place:
            self._hold_still(after.cursor.place - before.place)
        if after.lost is not None:
            self.post_message(self.CursorLost(after.lost, after.cursor.job))
            self._reveal(after.cursor.place)
        if after.cursor.job != before.job:
            self.post_message(self.CursorMoved(after.cursor.job))
        elif self.following and self.cursor_row is None and before.job is not None:
            self.post_message(self.RowWanted(before.job))

    def _hold_still(self, by: int) -> None:
        """Keep the cursor's row where it is on the screen, once a hand has put it there.

        A cursor on the first row is for watching: the view stays at the top then, and the
        cursor stays in view.
        """
        if self._touched:
            self._scroll(self.scroll_offset.y + by)
        elif self._cursor.place not in self._visible():
            self._cursor = at_place(self.board, self.scroll_offset.y)

    def _want_window(self) -> None:
        at, count = self.window
        missing = self.board.missing(at, at + count)
        asked = (at, count, self.board.seq)
        if missing is not None and asked != self._asked:
            self._asked = asked
            self.post_message(self.WindowWanted(at, count))

    # Marking

    def _toggle(self, job: int) -> None:
        self._mark_exactly(self.marks ^ {job})

    def _begin_range(self) -> None:
        self.anchor_id, self._before_range = self._cursor.job, frozenset(self.marks)

    def _extend_range(self) -> None:
        start = None if self.anchor_id is None else self.board.place_of(self.anchor_id)
        if self.anchor_id is None or self._cursor.job is None:
            return
        ids = None if start is None else ids_between(self.board, start, self._cursor.place)
        if ids is None:
            self.post_message(self.Refused("not all of that range is loaded; * marks all"))
            return
        self._mark_exactly({*self._before_range, *ids})

    def _mark_exactly(self, jobs: set[int]) -> None:
        changed = self.marks ^ jobs
        self.marks = jobs
        for job in changed:
            place = self.board.place_of(job)
            if place is not None:
                self._redraw(place)
        if changed:
            self.post_message(self.MarksChanged(frozenset(jobs)))

    def _visible(self) -> range:
        top = self.scroll_offset.y
        return range(min(top, self.board.total), min(top + self.page_rows, self.board.total))

    def _redraw(self, place: int) -> None:
        if place in self._visible():
            self.refresh_lines(place + HEADER)
