"""Searching one log: its windows in order, the lines that are in them, and what is around."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from engine.control.views import LogFound, LogHit
from engine.daemon.desk import Desk
from engine.daemon.logs.sources import backend_of, is_live
from engine.model.attempt import Attempt
from engine.model.log_pattern import LogPattern
from engine.runner.log_search import MOST_LENGTH, Found, Line, Wanted

SHOWN_BYTES: Final = 4_096
"""Of a line, in an answer."""

BREATH_BYTES: Final = 32 * 1024
"""Of lines that are compared with a pattern before others get their turn."""

GROUP: Final = 100
"""Lines in one piece of an answer, with those around them; ten times as many without."""

LEAST_WINDOW: Final = 128 * 1024
"""With which a search from the end begins."""

AROUND_BYTES: Final = 16 * 1024
"""Read on each side of a line for those around it."""

MOST_CONTEXT: Final = 10

_NOTHING: Final = Wanted(b"\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """What is looked for, in which part of one log, and how."""

    attempt: Attempt
    stream: str
    pattern: LogPattern | None
    """None: lines are only counted."""
    start: int = 0
    end: int | None = None
    backwards: bool = False
    context: int = 0
    texts: bool = True
    most: int = 10_000

    @property
    def wanted(self) -> Wanted:
        """What hosts look for."""
        if self.pattern is None:
            return _NOTHING
        return Wanted(self.pattern.literal, self.pattern.folds)


async def hunt(desk: Desk, asked: Hunt) -> AsyncIterator[LogFound]:
    """The pieces of a log, each with what was found, until there are enough.

    Raises:
        Unreachable: its host is silent.
        LinkRefused: a person must look.
        NotFound: its worker is not known any more.
    """
    dropped, whole = await _extent(desk, asked)
    end = whole if asked.end is None else min(whole, asked.end)
    start = min(max(asked.start, dropped), end)
    left, parts = asked.most, _backwards if asked.backwards else _onwards
    async for found in parts(desk, asked, start, end):
        lines = await _matching(desk, asked.pattern, found)
        size = GROUP if asked.context else GROUP * 10
        groups = _split(replace(found, lines=tuple(lines)), size)
        for group in groups[::-1] if asked.backwards else groups:
            yield await _told(desk, asked, group)
            left -= len(group.lines)
            if left <= 0:
                return
        await desk.clock.sleep(0)


async def _onwards(desk: Desk, asked: Hunt, start: int, end: int) -> AsyncIterator[Found]:
    """Window after window; at least one, if empty."""
    at = start
    while True:
        found = await _look(desk, asked, at, min(at + MOST_LENGTH, end))
        yield found
        if found.next >= end or found.next <= at:
            return
        at = found.next


async def _backwards(desk: Desk, asked: Hunt, start: int, end: int) -> AsyncIterator[Found]:
    """Windows from the end, as wide as fit into one answer, about."""
    width = LEAST_WINDOW
    while True:
        at = max(end - width, start)
        found = await _look(desk, asked, at, end)
        if found.next < end and end - at > LEAST_WINDOW:
            width = max(width // 4, LEAST_WINDOW)
            continue
        several = [found]
        while at < several[-1].next < end:
            several.append(await _look(desk, asked, several[-1].next, end))
        for one in several[::-1]:
            yield one
        if at <= start:
            return
        end, width = at, min(2 * width, MOST_LENGTH)


async def _look(desk: Desk, asked: Hunt, start: int, end: int) -> Found:
    backend = backend_of(desk, asked.attempt)
    return await backend.find(asked.attempt.id, asked.stream, start, end - start, asked.wanted)


def _split(found: Found, size: int) -> list[Found]:
    """In parts of so many lines, side by side; one, if there are no more."""
    edges = [line for place, line in enumerate(found.lines) if place and place % size == 0]
    starts = [(found.start, 0), *((line.offset, line.before) for line in edges)]
    ends = [*starts[1:], (found.next, found.count)]
    parts = []
    for number, ((start, above), (next_, before)) in enumerate(zip(starts, ends, strict=True)):
        lines = found.lines[number * size : (number + 1) * size]
        moved = tuple(Line(line.offset, line.before - above, line.data) for line in lines)
        parts.append(replace(found, lines=moved, start=start, next=next_, count=before - above))
    return parts


async def _extent(desk: Desk, asked: Hunt) -> tuple[int, int]:
    """What was dropped of the log, and where its last ended line ends."""
    backend = backend_of(desk, asked.attempt)
    live = is_live(desk, asked.attempt)
    tail = await backend.tail(asked.attempt.id, asked.stream, -SHOWN_BYTES, SHOWN_BYTES)
    if not live:
        return tail.dropped, tail.size
    ended = tail.data.rfind(b"\n") + 1
    return tail.dropped, tail.offset + ended if ended else tail.size


async def _matching(desk: Desk, pattern: LogPattern | None, found: Found) -> list[Line]:
    """The lines that have the pattern indeed; others get their turn meanwhile."""
    if pattern is None:
        return []
    matching, done = [], 0
    for line in found.lines:
        if pattern.occurs(line.data):
            matching.append(line)
        done += len(line.data)
        if done > BREATH_BYTES:
            done = 0
            await desk.clock.sleep(0)
    return matching


async def _told(desk: Desk, asked: Hunt, found: Found) -> LogFound:
    """One piece, as clients are told of it."""
    hits = [_hit(line, texts=asked.texts) for line in found.lines]
    if asked.context:
        hits = [await _with_context(desk, asked, hit) for hit in hits]
    return LogFound(
        attempt=asked.attempt.id,
        start=found.start,
        end=found.next,
        lines=found.count,
        size=found.size,
        dropped=found.dropped,
        hits=tuple(hits),
    )


def _hit(line: Line, *, texts: bool) -> LogHit:
    data = line.data[:SHOWN_BYTES] if texts else b""
    return LogHit(offset=line.offset, before=line.before, data=data)


async def _with_context(desk: Desk, asked: Hunt, hit: LogHit) -> LogHit:
    """The hit with the lines around it, as far as they are near."""
    backend = backend_of(desk, asked.attempt)
    start = max(hit.offset - AROUND_BYTES, 0)
    chunk = await backend.tail(asked.attempt.id, asked.stream, start, 2 * AROUND_BYTES)
    above = chunk.data[: max(hit.offset - chunk.offset, 0)].split(b"\n")[:-1]
    if chunk.offset > chunk.dropped and above:
        above = above[1:]  # it may have begun earlier
    after = chunk.data[hit.offset - chunk.offset :].split(b"\n")[1:]
    below = after[:-1] if after and not after[-1] else after
    return LogHit(
        offset=hit.offset,
        before=hit.before,
        data=hit.data,
        above=tuple(above[-asked.context :]),
        below=tuple(below[: asked.context]),
    )
