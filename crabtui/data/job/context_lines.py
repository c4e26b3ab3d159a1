"""What a job was given and what it says: its run, parameters, and results, as lines."""

import json
from collections.abc import Iterator
from typing import Any, Final

from crabtui.data import json_lines, redaction
from crabtui.data.fitting import fit
from crabtui.data.flows.words import state_glyph
from crabtui.data.glyphs import Cell
from crabtui.data.job.job_context import JobContext
from crabtui.data.sanitize import sanitize
from engine.control.views import ResultView

SHORT: Final = 60
"""Results that are told on one line."""
MOST_LINES: Final = 200
"""Of one result."""


def lines(context: JobContext, width: int, *, is_past: bool = False) -> Iterator[list[Cell]]:
    """The run, its parameters, what the others came to, and what this job says."""
    if is_past:
        yield [(" results are told as they are now", "warn")]
    yield from _run(context)
    for name, value in redaction.tree(context.params).items():
        yield [(f" {sanitize(name)} ", "muted"), (_short(value, width), "text")]
    if context.needed:
        yield [(" results of what it needs", "muted")]
    for row, result in context.needed:
        glyph = state_glyph(row.state)
        yield [
            (f" {glyph.sign} ", glyph.token),
            (f"#{row.id} ", "link"),
            (sanitize(row.name)[:40], "text"),
            *_told(result, width),
        ]
    if context.hidden:
        yield [(f"   and {context.hidden} more", "muted")]
    yield from _own(context.own, width)


def _run(context: JobContext) -> Iterator[list[Cell]]:
    flow = context.flow
    if flow is None:
        yield [(" it is in no workflow", "muted")]
        return
    run = f"run {flow.run} of {sanitize(flow.name)} "
    task = f"   task {sanitize(context.task)}" if context.task else ""
    yield [(f" {run}", "text"), (f"#{flow.id}", "link"), (task, "text")]


def _told(result: ResultView, width: int) -> Iterator[Cell]:
    if result.has_result:
        yield f"   = {_short(redaction.tree(result.result), width - 20)}", "text"
    else:
        yield "   no result", "muted"


def _own(own: ResultView | None, width: int) -> Iterator[list[Cell]]:
    if own is None or not own.has_result:
        yield [(" it has said nothing itself ($CRAB_RESULT)", "muted")]
        return
    shown = redaction.tree(own.result)
    if len(json.dumps(shown, ensure_ascii=False)) <= min(SHORT, width - 14):
        yield [(" its result ", "muted"), (_short(shown, width), "text")]
        return
    yield [(" its result", "muted")]
    for place, line in enumerate(json_lines.lines(shown)):
        if place >= MOST_LINES:
            yield [(" … crabtui result shows all of it", "muted")]
            return
        yield line


def _short(value: Any, width: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return fit(sanitize(text), max(width - 14, 8)).rstrip()
