"""Searching a log here that lies on a host which cannot search: it is read piece by piece."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from engine.backends.protocol import Chunk
from engine.model.ids import AttemptId
from engine.runner.log_search import LINE_BYTES, LINE_COST, ROOM_BYTES, Found, Wanted, sieve

PIECE: Final = 256 * 1024
"""Bytes that are fetched at once; of a window that is looked at, too."""

Tail = Callable[[AttemptId, str, int, int], Awaitable[Chunk]]


async def find(
    tail: Tail, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
) -> Found:
    """As `Backend.find`, of at most `PIECE` bytes; what they are is fetched with `tail`."""
    piece = await tail(attempt, stream, max(offset - 1, 0), PIECE)
    size, dropped = piece.size, piece.dropped
    start = min(max(offset, dropped), size)
    end = piece.offset + len(piece.data)
    stop = min(max(offset + length, start), max(end, start))
    data = piece.data
    if not data.endswith(b"\n") and end < size:
        more = await tail(attempt, stream, end, LINE_BYTES)
        data += more.data if more.offset == end else b""
    found = sieve(data, piece.offset, start, stop, wanted)
    return Found(found.lines, start, found.next, found.count, size, dropped)


async def find_in_steps(
    look: Callable[[int, int, Wanted], Awaitable[Found]],
    offset: int,
    length: int,
    step: int,
    wanted: Wanted,
) -> Found:
    """A window looked at in steps, so that others get their turn between two of them."""
    whole = await look(offset, min(length, step), wanted)
    end = offset + length
    while whole.next < min(end, whole.size) and _room(whole) > 0:
        more = await look(whole.next, min(end - whole.next, step), wanted)
        if more.next <= whole.next:
            break
        whole = _joined(whole, more)
    return whole


def _room(found: Found) -> int:
    return ROOM_BYTES - sum(len(line.data) + LINE_COST for line in found.lines)


def _joined(found: Found, more: Found) -> Found:
    """Both, which lie side by side, as one."""
    moved = (replace(line, before=line.before + found.count) for line in more.lines)
    count = found.count + more.count
    return replace(more, lines=(*found.lines, *moved), start=found.start, count=count)
