"""The tasks of a run, one a row, with their bars or facts beside them; the cursor is a job."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from crabtui.data.flows import lines as flow_lines
from crabtui.data.flows.gantt import ZOOMS, extent
from crabtui.data.flows.lines import Look, Sight
from crabtui.data.flows.tree import FlowTree, Row, Span, a_tree
from crabtui.data.glyphs import Cell
from crabtui.data.wording import Zone
from crabtui.widgets.lines import Lines
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import FlowDetail, TaskView

PANS: Final = 4
"""Steps that the part of the axis in sight is moved in."""


class FlowTable(TextPane):
    """Draws what is in view of a `FlowTree`; whatever its size, a key costs the same."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="line.down", show=False),
        Binding("k,up", "move(-1)", "up", id="line.up", show=False),
        Binding("g,home", "go_to(0)", "first", id="line.first", show=False),
        Binding("G,end", "go_to(-1)", "last", id="line.last", show=False),
        Binding("ctrl+d", "move_page(0.5)", "half down", id="line.half_down", show=False),
        Binding("ctrl+u", "move_page(-0.5)", "half up", id="line.half_up", show=False),
        Binding("pagedown", "move_page(1)", "page down", id="line.page_down", show=False),
        Binding("pageup", "move_page(-1)", "page up", id="line.page_up", show=False),
        Binding("right", "app.press('right')", show=False),
        Binding("left", "app.press('left')", show=False),
    ]

    class Moved(Message, namespace="flow_table"):
        """Another row is under the cursor, or other rows are in view."""

    class Opened(Message, namespace="flow_table"):
        """A row was clicked twice."""

    def __init__(self, run: int, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self.run = run
        self.picture: FlowTree = a_tree(run)
        self.place = 0
        """Of the cursor, from 0."""
        self._chosen: int | None = run
        self._sight: Sight | None = None
        self._look: Look = "gantt"
        self.fixed = flow_lines.height(self._look)

    # What it is told

    def show(
        self, tree: FlowTree, detail: FlowDetail, now_at: int, *, is_past: bool = False
    ) -> None:
        """Draw another picture; the cursor stays on its job."""
        self.picture = tree
        sight = self._sight or Sight(detail=detail, look=self._look)
        self._sight = replace(
            sight,
            detail=detail,
            look=self._look,
            width=max(self.size.width, 1),
            now_at=now_at,
            is_past=is_past,
        )
        self._reseat()
        self.relay()

    def choose(self, job: int | None) -> None:
        """Put the cursor on this job, if it is loaded."""
        place = None if job is None else self.picture.row_of(job)
        if place is not None:
            self.action_go_to(place)

    def forget(self) -> None:
        """Nothing is known any more: other tasks will come."""
        self.picture = a_tree(self.run)
        self.place, self._chosen = 0, self.run
        self.relay()

    def show_look(self, look: Look) -> None:
        """Show bars, or facts."""
        self._look = look
        self.fixed = flow_lines.height(look)
        self._see(look=look)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._see(zone=zone)

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        self._see(now_at=now_at)

    # What it tells

    @property
    def row(self) -> Row | None:
        """What is under the cursor."""
        return self.picture.at(self.place)

    @property
    def chosen_task(self) -> TaskView | None:
        """The task under the cursor; None: it is the run, or not loaded."""
        return self.row.task if self.row is not None else None

    @property
    def chosen(self) -> int | None:
        """The job under the cursor: the run, or a task; None while it is not loaded."""
        return self._chosen

    @property
    def spans(self) -> tuple[Span, ...]:
        """What has to be asked for: what is in view, and a page above and below."""
        page = self._room
        first = max(self.scroll_offset.y - page, 0)
        return self.picture.spans(first, self.scroll_offset.y + 2 * page - first)

    @property
    def zoom(self) -> int:
        """How many times nearer the axis is than all of it."""
        return ZOOMS[self._sight.zoom] if self._sight is not None else 1

    # Folding and zooming

    def fold(self) -> bool:
        """Fold what is under the cursor, or go to what it is inside of; False: it cannot be."""
        row = self.row
        if row is not None and row.task is not None and row.is_open:
            self.picture = self.picture.folded(self.place)
        else:
            outer = self.picture.parent_row(self.place)
            if outer is None:
                return False
            self.action_go_to(outer)
        self.relay()
        return True

    def unfold(self) -> bool:
        """Show the tasks of the composite task under the cursor; False: it has none."""
        tree = self.picture.unfolded(self.place)
        if tree is self.picture:
            return False
        self.picture = tree
        self.relay()
        self.post_message(self.Moved())
        return True

    def turn_zoom(self, by: int) -> None:
        """Look nearer at now, or less near."""
        sight = self._sight
        if sight is not None:
            zoom = min(max(sight.zoom + by, 0), len(ZOOMS) - 1)
            self._see(zoom=zoom)
            self._look_from(self._middle(sight) - self._span // 2)

    def pan(self, by: int) -> None:
        """Move along the axis by parts of what is in sight."""
        if self._sight is not None:
            self._look_from(self._sight.scale.start_at + by * self._span // PANS)

    def show_all(self) -> None:
        """All of the time that the run takes."""
        self._see(zoom=0, from_at=None)

    # Drawing

    def relay(self) -> None:
        """Lines are made as they are drawn."""
        total = self.picture.total if self._sight is not None else 0
        self._lines = Lines(total + self.fixed, self._line)
        if len(self._lines) != self.virtual_size.height:
            self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:  # noqa: ARG002
        return self._lines

    def is_raised(self, place: int) -> bool:
        return place == self.place + self.fixed and self._sight is not None

    def on_resize(self) -> None:
        self._see(width=max(self.size.width, 1))
        super().on_resize()
        self.post_message(self.Moved())

    @property
    def _room(self) -> int:
        return max(self.size.height - self.fixed, 1)

    def _line(self, place: int) -> list[Cell]:
        sight = self._sight
        if sight is None:
            return []
        if place < self.fixed:
            return flow_lines.head(sight)[place]
        row = self.picture.at(place - self.fixed)
        here = place - self.fixed == self.place
        return [] if row is None else flow_lines.cells_of(row, sight, here=here)

    def _see(self, **changes: object) -> None:
        if self._sight is not None:
            self._sight = replace(self._sight, **changes)  # type: ignore[arg-type]
            self.relay()

    # Moving

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self.action_go_to(max(self.place + by, 0))

    def action_move_page(self, pages: float) -> None:
        """Move the cursor by a part of the screen."""
        self.action_move(int(pages * self._room) or (1 if pages > 0 else -1))

    def action_go_to(self, place: int) -> None:
        """Put the cursor on the row at this place; -1 is the last one."""
        last = max(self.picture.total - 1, 0)
        self.place = last if place < 0 else min(place, last)
        self._chosen = self._job_here()
        top = self.scroll_offset.y
        if self.place < top:
            self._scroll(self.place)
        elif self.place >= top + self._room:
            self._scroll(self.place - self._room + 1)
        self.refresh()
        self.post_message(self.Moved())

    def action_roll(self, by: int) -> None:
        """The wheel moves what is in view, not the cursor."""
        self._scroll(self.scroll_offset.y + by)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one opens."""
        place = event.y - self.fixed + self.scroll_offset.y
        if event.y >= self.fixed and place < self.picture.total:
            self.action_go_to(place)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _scroll(self, top: int) -> None:
        most = max(self.picture.total - self._room, 0)
        self.scroll_to(y=min(max(top, 0), most), animate=False, force=True, immediate=True)

    def _reseat(self) -> None:
        """The cursor on its job again, and that row where it is on the screen."""
        place = None if self._chosen is None else self.picture.row_of(self._chosen)
        if place is not None and place != self.place:
            was, self.place = self.place, place
            self._scroll(self.scroll_offset.y + place - was)
        self.place = min(self.place, max(self.picture.total - 1, 0))
        self._chosen = self._job_here()

    def _job_here(self) -> int | None:
        row = self.row
        if row is None or not row.of:
            return self.run
        return row.task.id if row.task is not None else None

    # Time

    @property
    def _span(self) -> int:
        assert self._sight is not None
        scale = self._sight.scale
        return scale.end_at - scale.start_at

    def _middle(self, sight: Sight) -> int:
        """What stays in the middle when zooming: now if it is in sight, else the middle."""
        scale = sight.scale
        if scale.start_at <= sight.now_at <= scale.end_at and not sight.zoom:
            return sight.now_at
        return (scale.start_at + scale.end_at) // 2

    def _look_from(self, at: int) -> None:
        sight = self._sight
        if sight is None or not sight.zoom:
            return self._see(from_at=None)
        whole = extent(sight.detail, sight.now_at)
        last = max(whole.end_at - self._span, whole.start_at)
        return self._see(from_at=min(max(at, whole.start_at), last))
