"""One row of a run in cells: which task it is at the left, and beside it what is looked at."""

from dataclasses import dataclass
from typing import Final, Literal

from crabtui.data.fitting import cells, fit
from crabtui.data.flows import gantt
from crabtui.data.flows.tree import Row, has_tasks
from crabtui.data.flows.words import (
    ended,
    flow_glyph,
    is_held,
    needs,
    result_text,
    task_glyph,
    time_of_flow,
    time_of_task,
)
from crabtui.data.glyphs import Cell, Token
from crabtui.data.past.time_axis import Scale
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, Zone, exit_text
from engine.control.views import FlowDetail, TaskView
from engine.model.states import State

Look = Literal["gantt", "tree"]

TAIL: Final = 7
"""Cells of a time or of a progress, right of the name."""
ATTEMPT: Final = 3
WORKER: Final = 9
NEEDS: Final = 22
LEAST_NEEDS: Final = 13
"""Where there is not much room: what became of a task matters more."""
ROOMY: Final = 130
"""From this width on names have more room."""
WIDE: Final = 96
"""From this width on it is told at length what a task waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What drawing needs beside the row."""

    detail: FlowDetail
    look: Look = "gantt"
    width: int = 80
    now_at: int = 0
    zone: Zone = UTC_ZONE
    zoom: int = 0
    from_at: int | None = None
    """Where the axis begins, if it is zoomed."""
    is_past: bool = False
    """It is shown as it was: nothing is expected any more."""

    @property
    def left(self) -> int:
        """Cells of the left part, and a blank."""
        return 46 if self.width >= ROOMY else 32

    @property
    def needs(self) -> int:
        """Cells of what a task waited for."""
        return NEEDS if self.width >= WIDE else LEAST_NEEDS

    @property
    def scale(self) -> Scale:
        """The axis of time, in the room that is left beside the names."""
        room = self.width - self.left - gantt.NOW
        return gantt.extent(self.detail, self.now_at).scale(room, self.zoom, self.from_at)


def head(sight: Sight) -> list[list[Cell]]:
    """The lines above the rows."""
    pad = " " * sight.left
    if sight.look == "gantt":
        going = sight.now_at if sight.detail.flow.completed_at is None else None
        return [[(pad, "muted"), *line] for line in gantt.axis(sight.scale, sight.zone, going)]
    name = f"{'  TASK':<{sight.left - TAIL - 1}}{'TIME':>{TAIL}} "
    rest = f"{'ATT':>{ATTEMPT}} {'WORKER':<{WORKER}} {'NEEDS':<{sight.needs}} RESULT OR NOTE"
    return [[(fit(name + rest, sight.width), "muted")]]


def height(look: Look) -> int:
    """How many lines `head` has."""
    return 2 if look == "gantt" else 1


def cells_of(row: Row, sight: Sight, *, here: bool) -> list[Cell]:
    """The whole row; the cursor is on it if `here`."""
    if not row.of:
        return [*_run(sight, here=here), *_run_beside(sight)]
    if row.task is None:
        return [("▌" if here else " ", "accent"), (" · " + "  " * row.depth + "···", "muted")]
    return [*_task(row, row.task, sight, here=here), *_beside(row.task, sight)]


def _run(sight: Sight, *, here: bool) -> list[Cell]:
    flow = sight.detail.flow
    glyph = flow_glyph(flow)
    name = f"▾ {sanitize(flow.name)}" + (f" run {flow.run}" if flow.run > 1 else "")
    mark = "‖" if is_held(flow) else " "
    return _left(
        (glyph.sign, glyph.token), mark, name, ended(flow.tasks), sight.left, here=here
    )


def _task(row: Row, task: TaskView, sight: Sight, *, here: bool) -> list[Cell]:
    glyph = task_glyph(task)
    fold = ("▾ " if row.is_open else "▸ ") if has_tasks(task) else "  "
    again = f" #{task.attempt}" if task.attempt > 1 else ""
    name = "  " * (row.depth - 1) + fold + sanitize(task.task) + again
    tail = ended(task.members) if task.members else time_of_task(task, sight.now_at)
    mark = "•" if task.critical else "‖" if task.held_by is not None else " "
    return _left((glyph.sign, glyph.token), mark, name, tail, sight.left, here=here)


def _left(sign: Cell, mark: str, name: str, tail: str, width: int, *, here: bool) -> list[Cell]:
    """`▌● • name          1m02s ` in exactly `width` cells."""
    tail = f"{tail:>{TAIL}}"
    room = max(width - 5 - cells(tail), 4)
    return [
        ("▌" if here else " ", "accent"),
        sign,
        (mark, "accent" if mark == "•" else "block"),
        (fit(name, room), "accent" if here else "text"),
        (f" {tail} ", "muted"),
    ]


def _run_beside(sight: Sight) -> list[Cell]:
    detail = sight.detail
    if sight.look == "gantt":
        until_at = None if sight.is_past else detail.predicted_end_at
        return gantt.bar_of_flow(detail.flow, sight.scale, sight.now_at, until_at)
    said = detail.flow.error or detail.flow.note or time_of_flow(detail.flow, sight.now_at)
    return [(fit(sanitize(said), max(sight.width - sight.left, 0)).rstrip(), "muted")]


def _beside(task: TaskView, sight: Sight) -> list[Cell]:
    if sight.look == "gantt":
        return gantt.bar_of_task(
            task, sight.scale, sight.now_at, is_live=sight.detail.flow.completed_at is None
        )
    room = max(sight.width - sight.left - ATTEMPT - WORKER - sight.needs - 4, 0)
    text, token = said(task)
    attempt = f"{task.attempt}" if task.attempt else "-"
    return [
        (f"{attempt:>{ATTEMPT}}", "warn" if task.attempt > 1 else "muted"),
        (f" {fit(sanitize(task.worker_id or '-'), WORKER)}", "muted"),
        (f" {fit(sanitize(needs(task.edges)) or '-', sight.needs)}", "muted"),
        (f" {fit(text, room).rstrip()}", token),
    ]


def said(task: TaskView) -> Cell:
    """The most telling thing about a task: its error, what it waits for, or its result."""
    if task.state in (State.FAILED, State.TIMEOUT):
        text = task.error or exit_text(task.exit_code, task.signal) or task.note
        return sanitize(text), "bad"
    if task.result is not None:
        return sanitize(f"= {result_text(task)}"), "text"
    token: Token = "block" if task.held_by is not None else "muted"
    return sanitize(task.note or exit_text(task.exit_code or None, task.signal)), token
