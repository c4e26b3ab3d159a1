"""A table of jobs that draws only what is in view, and knows every row by its id."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from crabtui import theme
from crabtui.data.glyphs import Cell
from crabtui.data.table import columns as cols
from crabtui.data.table.arranging import Arrangement
from crabtui.data.table.board import Board
from crabtui.data.table.columns import Scene
from crabtui.data.wording import SECOND, UTC_ZONE, Zone
from crabtui.widgets.table.motion import HEADER, TableMotion
from crabtui.widgets.table.paint import Mood, Painter


class VirtualTable(TableMotion, can_focus=True):
    """Shows a `Board`. The cursor and the marks are ids and stay on their jobs."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    VirtualTable {
        background: $crab-background;
        color: $crab-text;
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        height: 1fr;
    }
    VirtualTable > .table--cursor {
        background: $crab-raised;
        text-style: $crab-cursor-style;
    }
    """ + theme.token_css("VirtualTable")

    ascii_only: reactive[bool] = reactive(False)
    stale: reactive[bool] = reactive(False)
    """The picture is old: everything is muted."""

    def __init__(
        self,
        *,
        now_at: int = 0,
        zone: Zone = UTC_ZONE,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.sort = "activity"
        self.descending = False
        self._scene = Scene(now_at, zone)
        self._painter: Painter | None = None
        self._layout = 0
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._seen: dict[int, tuple[Cell, ...]] = {}
        self.set_reactive(VirtualTable.ascii_only, ascii_only)

    # What it is told

    def show(self, board: Board) -> None:
        """Draw another picture. The cursor stays on its job, and that row where it is."""
        old, self.board = self.board, board
        if board.total != self.virtual_size.height - HEADER:
            self.virtual_size = Size(0, board.total + HEADER)
        self._reseat(old)
        self._seen.clear()
        self.refresh()
        self._want_window()

    def show_sort(self, sort: str, *, descending: bool) -> None:
        """Point the arrow in the header at the column sorted by."""
        self.sort, self.descending = sort, descending
        if self.arranged.columns != (self._painter.columns if self._painter else ()):
            self._repaint()
        self.refresh_lines(self.scroll_offset.y)

    def show_columns(self, wish: Arrangement) -> None:
        """Show other columns, or the same in another way."""
        self.wish = wish
        self._repaint()

    def show_zone(self, zone: Zone) -> None:
        """Show times of day in this zone."""
        self._scene = replace(self._scene, zone=zone)
        self._repaint()

    def show_unfolded(self, arrays: Iterable[int]) -> None:
        """Members of these arrays are shown below them."""
        self._scene = replace(self._scene, unfolded=frozenset(arrays))
        self._repaint()

    def tick(self, now_at: int) -> None:
        """Let time pass: lines whose text it changes are drawn again."""
        self._scene = replace(self._scene, now_at=now_at)
        painter = self._painter
        if painter is None:
            return
        for place in self._visible():
            row = self.board.at(place)
            if row is None or not cols.is_ageing(row):
                continue
            if cols.cells(row, painter.columns, self._scene) != self._seen.get(row.id):
                self.refresh_lines(place + HEADER)

    # Drawing

    def render_line(self, y: int) -> Strip:
        painter = self._painter or self._new_painter()
        if y < HEADER:
            return painter.header(
                self.sort, descending=self.descending, hidden=self.arranged.hidden
            )
        place = y - HEADER + self.scroll_offset.y
        if place >= self.board.total:
            return painter.blank()
        return self._row_strip(painter, place)

    def _row_strip(self, painter: Painter, place: int) -> Strip:
        row = self.board.at(place)
        if row is None:
            return painter.skeleton(self._mood(place, None))
        mood = self._mood(place, row.id)
        second = self._scene.now_at // SECOND if cols.is_ageing(row) else 0
        computed = (row.note, *row.members.items())
        key = (row.id, row.version, computed, second, mood, self._layout)
        strip = self._strips.get(key)
        if strip is None:
            cells = cols.cells(row, painter.columns, self._scene)
            self._seen[row.id] = cells
            strip = self._strips[key] = painter.row(row, cells, mood)
        return strip

    def _mood(self, place: int, job: int | None) -> Mood:
        return Mood(
            cursor=place == self._cursor.place and job == self._cursor.job,
            focused=self.has_focus,
            marked=job is not None and job in self.marks,
            stale=self.stale,
        )

    def _new_painter(self) -> Painter:
        width = self.size.width
        ground = self.rich_style
        self._painter = Painter(
            self.columns,
            width,
            theme.token_styles(self),
            Style(color=ground.color, bgcolor=ground.bgcolor),
            self._cursor_style(),
            ascii_only=self.ascii_only,
        )
        self._layout += 1
        return self._painter

    def _cursor_style(self) -> Style:
        style = self.get_component_rich_style("table--cursor")
        return Style(bgcolor=style.bgcolor, reverse=style.reverse)

    def _repaint(self) -> None:
        self._painter = None
        self._strips.clear()
        self._seen.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._painter = None
        self.refresh()

    def watch_ascii_only(self) -> None:
        self._repaint()

    def watch_stale(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self._repaint()
        self._reveal(self._cursor.place)
        self._want_window()

    def on_focus(self) -> None:
        self._redraw(self._cursor.place)

    def on_blur(self) -> None:
        self._redraw(self._cursor.place)
