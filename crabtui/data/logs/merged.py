"""Lines of several logs in the order in which they came; bounded whatever pours."""

from array import array
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import Final

MOST_LINES: Final = 50_000
MOST_BYTES: Final = 8 * 2**20

MOST_OPEN: Final = 64 * 1024
"""Of a line that has not ended; beyond that it is shown as it is."""


@dataclass(slots=True)
class _Source:
    """How far one log was taken."""

    end: int = 0
    rest: bytearray = field(default_factory=bytearray)
    """The beginning of its next line."""


class LogMerged:
    """Whole lines, each with the name of its log. Keys count lines from the first taken."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES) -> None:
        self._most_bytes, self._most_lines = most_bytes, most_lines
        self._sources: dict[str, _Source] = {}
        self._lines: deque[tuple[str, bytes, int]] = deque()
        self._bytes = 0
        self._first = 0
        self.version = 0

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, place: int) -> bytes:
        """The line. Raises: IndexError."""
        return self._lines[place][1]

    @property
    def label_cells(self) -> int:
        """Cells of the longest name of a log."""
        return max(map(len, self._sources), default=0)

    def add(self, source: str) -> None:
        """Lines of this log are to come."""
        self._sources.setdefault(source, _Source())

    def start_of(self, place: int) -> int:
        """Its key."""
        return self._first + place

    def place_at(self, offset: int) -> int:
        """The line with this key; the nearest, if it was let go."""
        return min(max(offset - self._first, 0), max(len(self._lines) - 1, 0))

    def label(self, place: int) -> str:
        """Which log it is of."""
        return self._lines[place][0]

    def at(self, place: int) -> int:
        """When it came, in UTC microseconds."""
        return self._lines[place][2]

    def number(self, place: int) -> int:
        """Among all that came, from 1."""
        return self._first + place + 1

    def estimate(self, place: int) -> int:
        """The same."""
        return self.number(place)

    def end_of(self, source: str) -> int:
        """Offset past what was taken of a log."""
        return self._sources[source].end if source in self._sources else 0

    def take(self, source: str, data: bytes, offset: int, at: int) -> int:
        """Add bytes of one log; what was taken already is skipped. Gives lines let go.

        Where bytes are missing before `offset`, an unfinished line ends there.
        """
        known = self._sources.setdefault(source, _Source())
        if not known.end:
            known.end = offset
        if offset > known.end and known.rest:
            self._add(source, bytes(known.rest), at)
            known.rest.clear()
        data = data[max(known.end - offset, 0) :] if offset <= known.end else data
        if not data:
            return 0
        known.end = max(offset, known.end) + len(data)
        *ended, rest = bytes(known.rest + data).split(b"\n")
        for line in ended:
            self._add(source, line, at)
        known.rest = bytearray(rest)
        if len(rest) > MOST_OPEN:
            self._add(source, bytes(rest), at)
            known.rest.clear()
        return self._let_go()

    def restart(self, source: str, at: int) -> int:
        """Its bytes count from the first again: it is another attempt's. Gives lines let go."""
        gone = self.finish(source, at)
        self._sources[source] = _Source()
        return gone

    def finish(self, source: str, at: int) -> int:
        """A log has ended: what it began is a line."""
        known = self._sources.get(source)
        if known is None or not known.rest:
            return 0
        self._add(source, bytes(known.rest), at)
        known.rest.clear()
        return self._let_go()

    def _add(self, source: str, line: bytes, at: int) -> None:
        self._lines.append((source, line, at))
        self._bytes += len(line) + 64
        self.version += 1

    def _let_go(self) -> int:
        gone = 0
        while self._bytes > self._most_bytes or len(self._lines) > self._most_lines:
            _, line, _ = self._lines.popleft()
            self._bytes -= len(line) + 64
            gone += 1
        self._first += gone
        return gone


class Arrivals:
    """When the bytes of a log came, as far as they were followed live."""

    def __init__(self, most: int = 20_000) -> None:
        self._offsets, self._times = array("q"), array("q")
        self._most = most
        self._end = 0

    def note(self, offset: int, length: int, at: int) -> None:
        """These bytes came just now, at `at` (UTC microseconds)."""
        if length <= 0 or (self._offsets and offset < self._offsets[-1]):
            return
        if self._offsets and self._times[-1] == at:
            self._end = max(self._end, offset + length)
            return
        self._offsets.append(offset)
        self._times.append(at)
        self._end = offset + length
        if len(self._offsets) > self._most:
            del self._offsets[: self._most // 2]
            del self._times[: self._most // 2]

    def clear(self) -> None:
        """Nothing is known of another log."""
        self._offsets, self._times, self._end = array("q"), array("q"), 0

    def at(self, offset: int) -> int | None:
        """When the byte at `offset` came; None if it was there before, or is to come."""
        place = bisect_right(self._offsets, offset) - 1
        return self._times[place] if place >= 0 and offset < self._end else None
