"""A task over time in cells: waiting, running, and when it is expected to start and to end."""

from dataclasses import dataclass
from typing import Final

from crabtui.data.flows.tree import is_composite
from crabtui.data.glyphs import Cell, Token
from crabtui.data.past.time_axis import Scale, ruler, times
from crabtui.data.wording import SECOND, UTC_ZONE, Zone
from engine.control.views import FlowDetail, FlowView, TaskView
from engine.model.states import FINAL, State

LEGEND: Final = (
    "▇ ran   ► runs   ░ waits   · rest of what runs   ▒ to come   ✗ failed   • critical"
)
NOW: Final = 4
"""Cells beyond the scale that the axis may take, for `now`."""
LEAST: Final = 8
"""Cells of a scale at least."""
ZOOMS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
"""How many times nearer the picture can be looked at."""

_ENDS: Final[dict[str, Cell]] = {
    State.FAILED: ("✗", "bad"),
    State.TIMEOUT: ("◷", "bad"),
    State.CANCELED: ("‒", "muted"),
    State.RUNNING: ("►", "run"),
    State.RETRYING: ("↻", "warn"),
}


@dataclass(frozen=True, slots=True)
class Extent:
    """The stretch of time that a run takes, predictions with it."""

    start_at: int
    end_at: int

    def scale(self, cells: int, zoom: int = 0, from_at: int | None = None) -> Scale:
        """All of it in so many cells, or a part from `from_at` on."""
        cells = max(cells, LEAST)
        span = max((self.end_at - self.start_at) // ZOOMS[zoom], SECOND)
        start_at = self.start_at if from_at is None or not zoom else from_at
        return Scale(start_at, start_at + span, cells)


def extent(detail: FlowDetail, now_at: int) -> Extent:
    """From the start of a run to its end, or to when that is expected."""
    flow = detail.flow
    start_at = min(flow.created_at, flow.started_at or flow.created_at)
    past_at = flow.completed_at or max(now_at, start_at)
    end_at = past_at
    if flow.state not in FINAL and detail.predicted_end_at is not None:
        end_at = max(past_at, detail.predicted_end_at)
    return Extent(start_at, max(end_at, start_at + SECOND))


def axis(scale: Scale, zone: Zone = UTC_ZONE, now_at: int | None = None) -> list[list[Cell]]:
    """The two lines above the bars: times, and their ticks; `now_at` if it goes on."""
    drawn = times(scale, zone)[: scale.cells + NOW]
    is_inside = now_at is not None and scale.start_at <= now_at <= scale.end_at
    return [[(drawn, "muted")], ruler(scale, zone, now_at if is_inside else None)]


def bar_of_task(
    task: TaskView, scale: Scale, now_at: int, *, is_live: bool = True
) -> list[Cell]:
    """Exactly as many cells as the scale has."""
    line = _Line(scale)
    if is_live:
        line.mark_now(now_at)
    over = task.state in FINAL
    end_at = task.completed_at or now_at
    if task.queued_at is not None:
        line.fill(task.queued_at, task.started_at or end_at, "░", "wait")
    if task.started_at is not None:
        _ran(line, task, end_at)
    if not over:
        _to_come(line, task, now_at)
    return line.cells


def bar_of_flow(flow: FlowView, scale: Scale, now_at: int, until_at: int | None) -> list[Cell]:
    """The whole run as a bracket."""
    line = _Line(scale)
    over = flow.state in FINAL
    if not over:
        line.mark_now(now_at)
    _bracket(line, flow.created_at, flow.completed_at or now_at, over=over)
    if not over and until_at is not None:
        line.fill(now_at, until_at, "·", "muted")
    return line.cells


def _ran(line: "_Line", task: TaskView, end_at: int) -> None:
    assert task.started_at is not None
    over = task.state in FINAL
    if is_composite(task):
        return _bracket(line, task.started_at, end_at, over=over)
    bad = task.state in (State.FAILED, State.TIMEOUT)
    token: Token = "bad" if bad else "accent" if task.critical else "run" if not over else "ok"
    line.fill(task.started_at, end_at, "▇", token)
    if task.state in _ENDS:
        line.put_end(task.started_at, end_at, *_ENDS[task.state])
    return None


def _bracket(line: "_Line", start_at: int, end_at: int, *, over: bool) -> None:
    """A line from end to end: what is inside of it has bars of its own."""
    line.fill(start_at, end_at, "─", "muted")
    line.put_end(start_at, end_at, "┤" if over else "►", "muted" if over else "run")
    line.put_start(start_at, end_at, "├", "muted")


def _to_come(line: "_Line", task: TaskView, now_at: int) -> None:
    until_at = task.predicted_end_at
    if until_at is None:
        return
    if task.state == State.RUNNING:
        line.fill(now_at, until_at, "·", "accent" if task.critical else "muted")
    else:
        start_at = max(task.predicted_start_at or now_at, now_at)
        line.fill(start_at, until_at, "▒", "accent" if task.critical else "line")


class _Line:
    """Cells that are filled from left to right; later ones lie over those before."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._signs: list[Cell] = [(" ", "text")] * scale.cells

    @property
    def cells(self) -> list[Cell]:
        """Stretches of one colour."""
        found: list[Cell] = []
        for sign, token in self._signs:
            if found and found[-1][1] == token:
                found[-1] = (found[-1][0] + sign, token)
            else:
                found.append((sign, token))
        return found

    def mark_now(self, now_at: int) -> None:
        """A line where it is now, if that is in sight."""
        if self._scale.start_at <= now_at < self._scale.end_at:
            self._put(self._scale.cell(now_at), "│", "line")

    def fill(self, start_at: int, end_at: int, sign: str, token: Token) -> None:
        """A bar, of one cell at least if any of it is in sight."""
        for place in self._places(start_at, end_at):
            self._signs[place] = (sign, token)

    def put_end(self, start_at: int, end_at: int, sign: str, token: Token) -> None:
        """A sign in the last cell of a bar, if its end is in sight."""
        if self._scale.start_at <= end_at <= self._scale.end_at:
            places = self._places(start_at, end_at)
            self._put(places[-1] if places else 0, sign, token)

    def put_start(self, start_at: int, end_at: int, sign: str, token: Token) -> None:
        """A sign in the first cell of a bar that has several, if its start is in sight."""
        places = self._places(start_at, end_at)
        if len(places) > 1 and start_at >= self._scale.start_at:
            self._put(places[0], sign, token)

    def _places(self, start_at: int, end_at: int) -> range:
        scale = self._scale
        if end_at < scale.start_at or start_at > scale.end_at or end_at < start_at:
            return range(0)
        first = min(scale.cell(start_at), scale.cells - 1)
        return range(first, max(scale.cell(end_at), first + 1))

    def _put(self, place: int, sign: str, token: Token) -> None:
        if 0 <= place < len(self._signs):
            self._signs[place] = (sign, token)
