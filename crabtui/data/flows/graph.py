"""The tasks of a run and what waits for what, as text: one line a task, edges in lanes.

A lane belongs to a task from its own line to that of the last one that waits for it. Tasks
stand by level, so that every edge goes down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crabtui.data.flows.words import need, task_glyph
from crabtui.data.glyphs import Cell
from engine.control.views import TaskView

MOST_TASKS: Final = 500
"""Of larger runs no graph is drawn."""
MOST_LANES: Final = 24
"""Beside each other; edges that find no room are told in words alone."""


@dataclass(frozen=True, slots=True)
class GraphLine:
    """One line; `task` is None where lanes meet."""

    lanes: list[Cell]
    task: TaskView | None = None
    told: tuple[str, ...] = ()
    """What it waits for in another way than for success, and what has no lane."""


def lines(tasks: Sequence[TaskView]) -> list[GraphLine]:
    """The whole graph of these tasks."""
    return list(_Lanes(by_level(tasks)).lines())


def by_level(tasks: Sequence[TaskView]) -> list[TaskView]:
    """As they were written where levels are equal; without levels, by what they wait for."""
    level = _levels(tasks)
    return sorted(tasks, key=lambda task: (level[task.task], task.id))


def _levels(tasks: Sequence[TaskView]) -> dict[str, int]:
    """By name; known ones are taken as they are. Cycles cannot be: they were refused."""
    waits = {task.task: [edge.task for edge in task.edges] for task in tasks}
    level = {task.task: task.level for task in tasks if task.level is not None}
    for name in waits:
        path = [] if name in level else [name]
        while path:
            missing = [on for on in waits[path[-1]] if on in waits and on not in level]
            if missing and missing[0] not in path:
                path.append(missing[0])
            else:
                last = path.pop()
                above = [level[on] for on in waits[last] if on in level]
                level[last] = max(above, default=-1) + 1
    return level


class _Lanes:
    """Which task each lane belongs to, from line to line."""

    def __init__(self, tasks: Sequence[TaskView]) -> None:
        self._tasks = tasks
        self._lanes: list[str | None] = []
        self._last = _last_needed(tasks)
        self._critical = {task.task for task in tasks if task.critical}
        self._ended: int | None = None
        """Where the line before has a task that nobody waits for."""

    def lines(self) -> Iterator[GraphLine]:
        for place, task in enumerate(self._tasks):
            here = [edge.task for edge in task.edges if edge.task in self._lanes]
            closing = {name for name in here if self._last.get(name) == place}
            column = self._column(closing)
            joined = {self._lanes.index(name) for name in here} - {column}
            if joined:
                yield GraphLine(self._joint(column, joined, closing))
            elif not here and column == self._ended:
                yield GraphLine(self._plain())
            for lane, name in enumerate(self._lanes):
                if name in closing:
                    self._lanes[lane] = None
            told = tuple(
                need(edge)
                for edge in task.edges
                if edge.after != "success" or edge.task not in here
            )
            yield self._node(task, place, column, told)

    def _column(self, closing: set[str]) -> int | None:
        """Where the task stands: below one that only it still waited for, or in a free lane."""
        ending = [lane for lane, name in enumerate(self._lanes) if name in closing]
        if ending:
            return ending[0]
        if None in self._lanes:
            return self._lanes.index(None)
        if len(self._lanes) < MOST_LANES:
            self._lanes.append(None)
            return len(self._lanes) - 1
        return None

    def _joint(self, column: int | None, joined: set[int], closing: set[str]) -> list[Cell]:
        """The line above a task where the lanes that lead to it come together."""
        if column is None:
            return self._plain()
        first, last = min(joined | {column}), max(joined | {column})
        signs = ""
        for lane, name in enumerate(self._lanes):
            sign = _sign(lane, column, first, last, joined, ends=name in closing, name=name)
            gap = "─" if first <= lane < last else " "
            signs += sign + gap
        return [(signs, "line")]

    def _node(
        self, task: TaskView, place: int, column: int | None, told: tuple[str, ...]
    ) -> GraphLine:
        cells: list[Cell] = []
        for lane, name in enumerate(self._lanes):
            if lane == column:
                glyph = task_glyph(task)
                cells.append((f"{glyph.sign} ", glyph.token))
            else:
                cells.append(self._lane(name))
        is_needed = self._last.get(task.task, place) > place
        self._ended = None if is_needed else column
        if column is not None and is_needed:
            self._lanes[column] = task.task
        while self._lanes and self._lanes[-1] is None:
            self._lanes.pop()
        return GraphLine(cells, task, told)

    def _plain(self) -> list[Cell]:
        return [self._lane(name) for name in self._lanes]

    def _lane(self, name: str | None) -> Cell:
        if name is None:
            return "  ", "line"
        return "│ ", "accent" if name in self._critical else "line"


def _last_needed(tasks: Sequence[TaskView]) -> Mapping[str, int]:
    """By task, the place of the last one that waits for it."""
    return {edge.task: place for place, task in enumerate(tasks) for edge in task.edges}


def _sign(
    lane: int,
    column: int,
    first: int,
    last: int,
    joined: set[int],
    *,
    ends: bool,
    name: str | None,
) -> str:
    """What stands in a lane on a line where others turn off to `column`."""
    if not first <= lane <= last:
        return " " if name is None else "│"
    if lane == column:
        goes_up = ends and name is not None
        left, right = lane > first, lane < last
        if goes_up:
            return "┼" if left and right else "┤" if left else "├"
        return "┬" if left and right else "┐" if left else "┌"
    if lane in joined:
        if ends:
            return "┘" if lane == last else "└" if lane == first else "┴"
        return "┤" if lane == last else "├" if lane == first else "┼"
    return "─" if name is None else "┼"
