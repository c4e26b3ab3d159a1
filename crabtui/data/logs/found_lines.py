"""What a search over many logs found, as lines: each log with a head, and its lines below."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell
from crabtui.data.logs.ansi import text_of
from crabtui.data.logs.words import size_text
from crabtui.data.wording import plural
from engine.control.views import LogHit, LogsFound, SearchTotal
from engine.model.log_pattern import LogPattern

NUMBER: Final = 9
"""Cells for the number of a line."""

STREAMS: Final = {"out": "stdout", "err": "stderr"}

_BOUNDS: Final = {
    "jobs": "too many jobs",
    "hits": "too many lines",
    "bytes": "too much to read",
    "time": "its time was over",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that can be gone to."""

    job: int
    attempt: int
    stream: str
    offset: int


Row = tuple[Hit | None, list[Cell]]


def rows_of(found: LogsFound, pattern: LogPattern, width: int) -> Iterator[Row]:
    """The rows of one log, in cells of `width`."""
    head = f"#{found.job} "
    where = f"  {STREAMS.get(found.stream, '')} of attempt {found.number}, {found.worker} "
    room = max(width - cells(head) - cells(where) - 1, 8)
    yield None, [(f" {head}", "accent"), (fit(found.name, room), "text"), (where, "muted")]
    for hit in found.hits:
        target = Hit(found.job, found.number, found.stream, hit.offset)
        yield target, list(_line(hit, pattern, width))
    if found.more:
        yield None, [(" " * (NUMBER + 2) + "… it has more", "muted")]
    if found.trouble:
        yield None, [(fit(" " * (NUMBER + 2) + found.trouble, width), "bad")]


def _line(hit: LogHit, pattern: LogPattern, width: int) -> Iterator[Cell]:
    """Its number and its text, moved so that the first match is in sight."""
    yield f"{hit.before + 1:>{NUMBER},}  ", "muted"
    room = max(width - NUMBER - 3, 8)
    text = text_of(hit.data)
    spans = pattern.spans(text)
    if spans and cells(text[: spans[0][1]]) > room:
        cut = max(spans[0][0] - room // 3, 0)
        text = "…" + text[cut:]
        spans = [(start - cut + 1, end - cut + 1) for start, end in spans]
    at = 0
    shown = fit(text, room)
    for start, end in spans:
        if start >= len(shown):
            break
        yield shown[at:start], "text"
        yield shown[start:end], "warn"
        at = min(end, len(shown))
    yield shown[at:], "text"


def in_words(total: SearchTotal) -> str:
    """What was looked at and what was not, in one line."""
    jobs = f"{total.matched:,}" + ("" if total.matched_is_exact else "+")
    said = f"{plural(total.hits, 'line')}, {plural(total.jobs, 'job')} of {jobs} looked at"
    said += f", {size_text(total.bytes)}"
    if total.unread:
        said += f"; {plural(total.unread, 'log')} could not be read"
    if total.ended_by:
        said += f"; ended early: {_BOUNDS.get(total.ended_by, total.ended_by)}"
    return said
