"""Lines of a log that may hold a text, found where the log lies: only these leave the host."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.runner.logs import check_stream, read_base

LINE_BYTES = 64 * 1024
"""Of a line that are looked at; what comes after them is not searched."""

MOST_LENGTH = 8 * 1024 * 1024
"""Of a window that is looked at in one go."""

BLOCK_BYTES = 1024 * 1024
"""Read at once."""

ROOM_BYTES = 256 * 1024
"""Of lines in one answer, about; a window that has more is looked at in several goes."""

LINE_COST = 32
"""Bytes that a line takes besides its own."""

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    rb"|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])"
)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: bytes; with `fold` in any case of A to Z."""

    text: bytes
    """If `fold`, in small letters; empty: every line has it; with a
    line break: none, and lines are only counted."""
    fold: bool = False

    def is_in(self, line: bytes) -> bool:
        """Whether the line has it as it is, or as it reads without colours."""
        line = line.lower() if self.fold else line
        return self.text in line or (b"\x1b" in line and self.text in _plain(line))


@dataclass(frozen=True)
class Line:
    """A line that may be wanted. Offsets count from the first byte ever written."""

    offset: int
    before: int
    """How many lines of the window begin before it."""
    data: bytes
    """Without its line break; at most `LINE_BYTES`."""


@dataclass(frozen=True)
class Found:
    """The lines that begin in a window, as far as they were looked at."""

    lines: tuple[Line, ...]
    start: int
    """Where the window begins, in what is kept."""
    next: int
    """Lines that begin from here on were not looked at."""
    count: int
    """How many lines begin between `start` and `next`."""
    size: int
    dropped: int


def search(folder: Path, stream: str, offset: int, length: int, wanted: Wanted) -> Found:
    """Look at the lines that begin in `length` bytes from `offset` on, the last one whole.

    Windows side by side show each line exactly once. A log without a file is empty.
    """
    base_path = folder / f"{check_stream(stream)}.base"
    while True:
        base = read_base(base_path)
        try:
            fd = os.open(folder / stream, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return Found((), 0, 0, 0, 0, 0)
        try:
            size = os.fstat(fd).st_size + base.shift
            window = _window(base.dropped, size, offset, length)
            found = _through(_File(fd, base.shift), window, wanted)
        finally:
            os.close(fd)
        if read_base(base_path) == base:  # else holes may have been read as text
            return found


@dataclass(frozen=True)
class _Window:
    start: int
    stop: int
    size: int
    dropped: int


@dataclass(frozen=True)
class _File:
    fd: int
    shift: int

    def read(self, start: int, stop: int) -> bytes:
        return os.pread(self.fd, stop - start, start - self.shift)


def _window(dropped: int, size: int, offset: int, length: int) -> _Window:
    start = min(max(offset, dropped), size)
    stop = min(max(offset + min(length, MOST_LENGTH), start), size)
    return _Window(start, stop, size, dropped)


def _through(file: _File, window: _Window, wanted: Wanted) -> Found:
    """Block by block, until the window ends or there is no room for more lines."""
    lines: list[Line] = []
    at, count, room = window.start, 0, ROOM_BYTES
    while at < window.stop and room > 0:
        stop = min(at + BLOCK_BYTES, window.stop)
        before = max(at - 1, window.dropped)
        data = file.read(before, min(stop + LINE_BYTES, window.size))
        if len(data) < stop - before:  # it shrank meanwhile
            break
        found = sieve(data, before, at, stop, wanted, room)
        lines += [Line(one.offset, one.before + count, one.data) for one in found.lines]
        room -= sum(len(one.data) + LINE_COST for one in found.lines)
        at, count = found.next, count + found.count
        if found.next < stop:
            break
    return Found(tuple(lines), window.start, at, count, window.size, window.dropped)


def sieve(
    data: bytes, at: int, start: int, stop: int, wanted: Wanted, room: int = ROOM_BYTES
) -> Found:
    """Of `data`, which lies at `at`, the lines that begin in [start, stop) and may be wanted.

    Args:
        data: With the byte before `start`, if that is not the log's first; and past `stop`
            as much as is to be looked at of the last line.
        at: Offset of `data`.
        start: Of the window.
        stop: Its end.
        wanted: What to look for.
        room: It ends at a line with which the lines would have more bytes than this.
    """
    first = 0 if at == start else data.find(b"\n") + 1
    limit = stop - at
    if first >= limit or (at != start and first == 0):
        return Found((), start, stop, 0, 0, 0)
    lines: list[Line] = []
    counted, before = first, 0
    for begin, end in _spans(data, first, limit, wanted):
        before += data.count(b"\n", counted, begin)
        counted = begin
        room -= end - begin + LINE_COST
        if lines and room < 0:
            return Found(tuple(lines), start, at + begin, before, 0, 0)
        lines.append(Line(at + begin, before, data[begin:end]))
    count = 1 + data.count(b"\n", first, limit - 1)
    return Found(tuple(lines), start, stop, count, 0, 0)


def _spans(data: bytes, first: int, limit: int, wanted: Wanted) -> Iterator[tuple[int, int]]:
    """Where lines that may be wanted begin and end, of those that begin before `limit`."""
    begin = first
    if b"\n" in wanted.text:
        return
    if not wanted.text:
        while begin < limit:
            end = _end(data, begin)
            yield begin, min(end, begin + LINE_BYTES)
            begin = end + 1
        return
    last = _end(data, limit - 1)
    hay = data.lower() if wanted.fold else data
    place, escape = _find(hay, wanted.text, begin, last), _find(data, b"\x1b", begin, last)
    while (hit := min(place, escape)) < last:
        begin = data.rfind(b"\n", begin, hit) + 1 or begin
        end = _end(data, hit)
        if wanted.is_in(data[begin : min(end, begin + LINE_BYTES)]):
            yield begin, min(end, begin + LINE_BYTES)
        begin = end + 1
        if place < begin:
            place = _find(hay, wanted.text, begin, last)
        if escape < begin:
            escape = _find(data, b"\x1b", begin, last)


def _find(data: bytes, text: bytes, start: int, stop: int) -> int:
    """Where `text` begins; `stop` if it does not."""
    place = data.find(text, start, stop)
    return stop if place < 0 else place


def _end(data: bytes, place: int) -> int:
    """Where the line that has this byte ends: at its line break, or at the end."""
    return _find(data, b"\n", place, len(data))


def _plain(line: bytes) -> bytes:
    return _ESCAPES.sub(b"", line)
