"""A run and its tasks in words and signs: state, progress, what is needed, when it ends."""

import json
from collections.abc import Mapping
from typing import Final

from crabtui.data import redaction
from crabtui.data.glyphs import CANCELING, DEPENDS, STATES, UNREACHABLE, Cell, Glyph
from crabtui.data.glyphs import PENDING as UNKNOWN
from crabtui.data.wording import SECOND, Zone, age, clock, duration, same_day
from engine.control.views import EdgeView, FlowDetail, FlowView, TaskView
from engine.model.states import FINAL, State

ORDER: Final = (
    State.SUCCEEDED,
    State.RUNNING,
    State.RETRYING,
    State.QUEUED,
    State.PENDING,
    State.FAILED,
    State.TIMEOUT,
    State.SKIPPED,
    State.CANCELED,
)
"""How counts of states are told: what is done, what goes on, then what is not well."""
ALWAYS: Final = (State.SUCCEEDED, State.RUNNING, State.FAILED)
"""Counts that are told where they are 0, too."""
_FAILED: Final = frozenset({State.FAILED, State.TIMEOUT})
_GONE: Final = frozenset({State.SKIPPED, State.CANCELED})
AFTER: Final[Mapping[str, str]] = {
    "failure": "if it fails",
    "end": "however it ends",
    "settled": "well or not",
    "spare": "if it is needed",
}
"""How something waits for the end of a task, where not for its success."""


def flow_glyph(flow: FlowView) -> Glyph:
    """The sign of a run."""
    if flow.cancel_at is not None or (flow.cancel_by and flow.state not in FINAL):
        return CANCELING
    return STATES.get(flow.state, UNKNOWN)


def is_held(flow: FlowView) -> bool:
    """Whether it is paused: nothing new of it starts."""
    return flow.held_by is not None and flow.state not in FINAL


def task_glyph(task: TaskView) -> Glyph:
    """The sign of a task; what waits for others is told from what waits for its turn."""
    if task.unreachable_at is not None:
        return UNREACHABLE
    if task.stopping:
        return CANCELING
    if task.state == State.PENDING and task.edges:
        return DEPENDS
    return STATES.get(task.state, UNKNOWN)


def state_glyph(state: str) -> Glyph:
    """The sign of a state alone."""
    return STATES.get(state, UNKNOWN)


def is_over(state: str) -> bool:
    """Whether nothing more happens by itself."""
    return state in FINAL


def counts(tasks: Mapping[str, int]) -> list[Cell]:
    """`✓ 18  ● 8  ○ 9  ✗ 0`."""
    cells: list[Cell] = []
    for state in ORDER:
        number = tasks.get(state, 0)
        if number or (tasks and state in ALWAYS):
            glyph = DEPENDS if state == State.PENDING else STATES[state]
            cells.append((f"{glyph.sign} {number:,}", glyph.token if number else "muted"))
    return cells


def ended(tasks: Mapping[str, int]) -> str:
    """How many of them have ended, of how many: `18/37`; `-` where nothing is known."""
    if not tasks:
        return "-"
    done = sum(number for state, number in tasks.items() if state in FINAL)
    return f"{done:,}/{sum(tasks.values()):,}"


def progress_bar(tasks: Mapping[str, int], width: int) -> list[Cell]:
    """The tasks by state in `width` cells: whatever there is of has a cell at least."""
    total = sum(tasks.values())
    if not total:
        return [("░" * width, "line")]
    failed = sum(tasks.get(state, 0) for state in _FAILED)
    gone = sum(tasks.get(state, 0) for state in _GONE)
    parts = (tasks.get(State.SUCCEEDED, 0), failed, gone, tasks.get(State.RUNNING, 0))
    sizes = [_cells(part, total, width) for part in parts]
    while sum(sizes) > width:
        sizes[sizes.index(max(sizes))] -= 1
    rest = total - sum(parts)
    if rest and sum(sizes) == width:
        sizes[sizes.index(max(sizes))] -= 1
    if not rest:
        sizes[sizes.index(max(sizes))] += width - sum(sizes)
    done, bad, skipped, runs = sizes
    cells: list[Cell] = [
        ("▇" * done, "ok"),
        ("▇" * bad, "bad"),
        ("·" * skipped, "muted"),
        ("▓" * runs, "run"),
        ("░" * (width - sum(sizes)), "line"),
    ]
    return [cell for cell in cells if cell[0]]


def _cells(part: int, total: int, width: int) -> int:
    return max(part * width // total, 1) if part else 0


def time_of_flow(flow: FlowView, now_at: int) -> str:
    """How long it has been at it, or was."""
    began = flow.started_at or flow.created_at
    return duration((flow.completed_at or now_at) - began)


def time_of_task(task: TaskView, now_at: int) -> str:
    """How long it runs or ran; before that how long it waits for its turn; else `-`."""
    if task.started_at is not None:
        return duration((task.completed_at or now_at) - task.started_at)
    if task.completed_at is not None or task.queued_at is None:
        return "-"
    return age(task.queued_at, now_at)


def eta(detail: FlowDetail, now_at: int, zone: Zone) -> str:
    """`end ~14:58:00`, `end ~14:58, ~4m left`; empty if it is over or not known."""
    at = detail.predicted_end_at
    if at is None or detail.flow.state in FINAL:
        return ""
    if at <= now_at:
        return f"~{duration(now_at - at)} over"
    time = clock(at, zone)[: 8 if at - now_at < 3_600 * SECOND else 5]
    day = "" if same_day(at, now_at, zone) else f" in {duration(at - now_at)}"
    doubt = " (a guess)" if detail.is_guess else ""
    return f"end ~{time}{day}{doubt}"


def result_text(task: TaskView) -> str:
    """The beginning of its result on one line, without what looks like a secret."""
    text = (task.result or "").strip()
    try:
        return json.dumps(redaction.tree(json.loads(text)), ensure_ascii=False)
    except ValueError:  # only its beginning is known
        return redaction.text(text)


def needs(edges: tuple[EdgeView, ...]) -> str:
    """`prep, shard (however it ends)`: the names of what is waited for, and how."""
    return ", ".join(need(edge) for edge in edges)


def need(edge: EdgeView) -> str:
    """One of them."""
    how = AFTER.get(edge.after, "" if edge.after == "success" else edge.after)
    return f"{edge.task} ({how})" if how else edge.task
