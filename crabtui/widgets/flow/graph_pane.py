"""What waits for what in a run, as a graph of text; the cursor is on one of the tasks."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from crabtui.data.fitting import cells, fit
from crabtui.data.flows import graph as flow_graph
from crabtui.data.flows.graph import GraphLine
from crabtui.data.flows.lines import said
from crabtui.data.flows.words import time_of_task
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.widgets.flow.table import FlowTable
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import TaskView

NOTE = 90
"""From this width on there is a note beside each task."""


class FlowGraphPane(TextPane):
    """One line a task, edges in lanes at its left; larger runs are told of in words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="line.down", show=False),
        Binding("k,up", "move(-1)", "up", id="line.up", show=False),
        Binding("g,home", "move(-99999)", "first", id="line.first", show=False),
        Binding("G,end", "move(99999)", "last", id="line.last", show=False),
        Binding("right", "app.press('right')", show=False),
        Binding("left", "app.press('left')", show=False),
    ]

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._tasks: tuple[TaskView, ...] = ()
        self._graph: list[GraphLine] = []
        self._total = 0
        self._now_at = 0
        self._chosen: int | None = None

    def show(self, tasks: Sequence[TaskView], total: int, now_at: int) -> None:
        """Draw these, if they are all of `total`."""
        self._now_at, self._total = now_at, total
        if tuple(tasks) != self._tasks:
            self._tasks = tuple(tasks)
            is_whole = len(self._tasks) >= total
            self._graph = flow_graph.lines(self._tasks) if is_whole else []
        if self.chosen_task is None and self._tasks:
            self._chosen = next((line.task.id for line in self._graph if line.task), None)
        self.relay()

    def choose(self, job: int | None) -> None:
        """Put the cursor on this task, as soon as it is known."""
        self._chosen = job
        if self.chosen_task is not None:
            self._reveal()
            self.relay()

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        self._now_at = now_at
        self.relay()

    @property
    def chosen_task(self) -> TaskView | None:
        """The task under the cursor."""
        return next((task for task in self._tasks if task.id == self._chosen), None)

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._total > len(self._tasks):
            return [
                [(f" a graph of {self._total:,} tasks would be too large to read", "text")],
                [
                    (
                        " c shows the critical path; crabtui workflow show --dot draws all",
                        "muted",
                    )
                ],
            ]
        return [self._line(line, width) for line in self._graph]

    def is_raised(self, place: int) -> bool:
        task = self._graph[place].task if place < len(self._graph) else None
        return task is not None and task.id == self._chosen

    def action_move(self, by: int) -> None:
        """Move the cursor by some tasks."""
        tasks = [line.task for line in self._graph if line.task is not None]
        if not tasks:
            return
        ids = [task.id for task in tasks]
        place = ids.index(self._chosen) if self._chosen in ids else 0
        self._chosen = ids[min(max(place + by, 0), len(ids) - 1)]
        self._reveal()
        self.relay()
        self.post_message(FlowTable.Moved())

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one opens."""
        place = event.y + self.scroll_offset.y
        task = self._graph[place].task if place < len(self._graph) else None
        if task is not None:
            self._chosen = task.id
            self.relay()
            self.post_message(FlowTable.Moved())
            if event.chain == 2:
                self.post_message(FlowTable.Opened())

    def _line(self, line: GraphLine, width: int) -> list[Cell]:
        here = line.task is not None and line.task.id == self._chosen
        row: list[Cell] = [("▌" if here else " ", "accent"), *line.lanes]
        task = line.task
        if task is None:
            return row
        row.append((sanitize(task.task), "accent" if here else "text"))
        if task.critical:
            row.append((" •", "accent"))
        row.append((f"  {time_of_task(task, self._now_at)}", "muted"))
        if line.told:
            row.append((f"  after {sanitize(', '.join(line.told))}", "block"))
        room = width - sum(cells(text) for text, _ in row) - 3
        text, token = said(task)
        if width >= NOTE and room > 8 and text:
            row.append((f"   {fit(text, room).rstrip()}", token))
        return row

    def _reveal(self) -> None:
        place = next(
            (
                at
                for at, line in enumerate(self._graph)
                if line.task and self._is_here(line.task)
            ),
            0,
        )
        if place >= self.scroll_offset.y + self.size.height:
            self.action_roll(place - self.scroll_offset.y - self.size.height + 1)
        elif place < self.scroll_offset.y:
            self.action_roll(place - self.scroll_offset.y)

    def _is_here(self, task: TaskView) -> bool:
        return task.id == self._chosen
