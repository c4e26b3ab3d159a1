"""Where the last lines of a log begin."""

from collections.abc import Callable
from typing import Final

from engine.control.views import LogChunk

PIECE: Final = 65_536
"""Bytes that are read at once, from the end towards the beginning."""


def start_of_tail(read: Callable[[int, int], LogChunk], lines: int) -> int:
    """The offset at which the last `lines` lines begin.

    Args:
        read: Takes an offset (negative: from the end) and a number of bytes.
        lines: A last line without its line end counts as one.
    """
    end = read(-1, 1)
    at, ends = end.size, lines + (end.data == b"\n")
    if lines == 0:
        return at
    while at > end.dropped:
        before = max(at - PIECE, end.dropped)
        data = _exactly(read, before, at - before)
        for place in range(len(data) - 1, -1, -1):
            ends -= data[place] == 0x0A
            if ends == 0:
                return before + place + 1
        at = before
    return end.dropped


def _exactly(read: Callable[[int, int], LogChunk], offset: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = read(offset + len(data), count - len(data)).data
        if not piece:
            break
        data += piece
    return data
