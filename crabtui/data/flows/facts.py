"""What is told of the task under the cursor, or of the whole run: a few lines."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from crabtui.data import redaction
from crabtui.data.fitting import fit
from crabtui.data.flows.words import (
    eta,
    flow_glyph,
    is_held,
    is_over,
    needs,
    result_text,
    task_glyph,
)
from crabtui.data.flows.words import time_of_task as time_of
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import Zone, age, clock, exit_text
from engine.control.views import FlowDetail, TaskView


def lines_of_task(
    task: TaskView, width: int, now_at: int, zone: Zone, why: str
) -> list[list[Cell]]:
    """State, what it waits for, what came of it. `why` says why it waits, if that is known."""
    glyph = task_glyph(task)
    state = f" {glyph.sign} {task.state.upper() or 'NOT YET'} {time_of(task, now_at)}"
    head: list[Cell] = [(state, glyph.token), *_facts(task, now_at, zone)]
    found = [head]
    for word, text in (
        ("needs", needs(task.edges)),
        ("why", why if not is_over(task.state) else ""),
        ("error", task.error or exit_text(task.exit_code or None, task.signal)),
        ("result", _result(task)),
        ("runs", task.name if task.name != task.task else ""),
    ):
        if text:
            token: Token = "bad" if word == "error" else "text"
            shown = fit(sanitize(text), max(width - 11, 1)).rstrip()
            found.append([(f" {word:<9}", "muted"), (shown, token)])
    return found


def _facts(task: TaskView, now_at: int, zone: Zone) -> Iterator[Cell]:
    if task.critical:
        yield "   on the critical path", "accent"
    if task.attempt > 1:
        yield f"   attempt {task.attempt}/{task.max_attempts}", "warn"
    if task.worker_id:
        yield f"   on {sanitize(task.worker_id)}", "muted"
    if task.held_by is not None:
        yield f"   held by {sanitize(task.held_by)}", "block"
    if task.has_fallback:
        yield "   has a fallback", "muted"
    if task.predicted_start_at is not None and task.started_at is None:
        yield f"   starts ~{clock(max(task.predicted_start_at, now_at), zone)}", "muted"
    if task.predicted_end_at is not None and not is_over(task.state):
        yield f"   ends ~{clock(max(task.predicted_end_at, now_at), zone)}", "muted"


def _result(task: TaskView) -> str:
    if task.result is None:
        return ""
    more = f"  ({task.result_bytes:,} bytes)" if task.result_bytes > len(task.result) else ""
    return result_text(task) + more


def lines_of_flow(detail: FlowDetail, width: int, now_at: int, zone: Zone) -> list[list[Cell]]:
    """How the run stands, what it was given, and what went wrong."""
    flow = detail.flow
    glyph = flow_glyph(flow)
    head: list[Cell] = [
        (f" {glyph.sign} {flow.state.upper()}", glyph.token),
        (f"   run {flow.run} of {sanitize(flow.name)}", "text"),
        (f"   by {sanitize(flow.owner)}" if flow.owner else "", "muted"),
        (f"   {age(flow.created_at, now_at)} ago", "muted"),
        (f"   {eta(detail, now_at, zone)}", "text"),
    ]
    found = [[cell for cell in head if cell[0].strip()]]
    held = " ".join(filter(None, (flow.held_by and f"by {flow.held_by}", flow.held_why)))
    for word, text in (
        ("paused", held if is_held(flow) else ""),
        ("error", flow.error),
        ("failed", ", ".join(flow.failed)),
        ("params", params(flow.params)),
        ("critical", " › ".join(detail.critical_path)),
        ("on fail", "the others stop" if flow.on_failure == "stop" else ""),
        ("about", flow.description),
    ):
        if text:
            token: Token = "bad" if word in ("error", "failed") else "text"
            shown = fit(sanitize(text), max(width - 11, 1)).rstrip()
            found.append([(f" {word:<9}", "muted"), (shown, token)])
    return found


def params(given: Mapping[str, Any]) -> str:
    """`lr=0.1  seeds=[1, 2]`, without secrets."""
    shown = redaction.tree(given)
    return "  ".join(f"{key}={_plain(value)}" for key, value in shown.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
