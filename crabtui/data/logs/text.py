"""The loaded part of a log: bytes with an index of its lines, bounded whatever its size."""

from array import array
from typing import Final

MOST_BYTES: Final = 8 * 2**20
"""Kept in memory; beyond that the end away from the reader is let go."""

STEP_BYTES: Final = 512 * 2**10
"""How much is asked for, and let go, at a time."""


class LogText:
    """Bytes [base, end) of a log, as lines. Offsets count from the log's first byte."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._data = bytearray()
        self._starts = array("q")
        self.base = 0
        self.version = 0
        """Grows with every change."""
        self.first: int | None = None
        """How many lines of the log begin before the one that is loaded first."""

    def __len__(self) -> int:
        """Number of lines; one that is not ended yet counts."""
        return len(self._starts)

    @property
    def end(self) -> int:
        """Offset past the last loaded byte."""
        return self.base + len(self._data)

    def clear(self, base: int = 0) -> None:
        """Nothing is loaded; the next bytes are expected at `base`."""
        self._data, self._starts = bytearray(), array("q")
        self.base = base
        self.first = 0 if base == 0 else None
        self.version += 1

    def label(self, place: int) -> str:  # noqa: ARG002
        """Nothing: all lines are of one log."""
        return ""

    def number(self, place: int) -> int | None:
        """Which line of the log this is, from 1; None if that is not known."""
        return None if self.first is None else self.first + place + 1

    def estimate(self, place: int) -> int:
        """The same, guessed from the length of the lines that are loaded."""
        if not self._starts:
            return 1
        mean = max(len(self._data) / len(self._starts), 1.0)
        return int(self.base / mean) + place + 1

    def know(self, offset: int, before: int) -> None:
        """So many lines begin before the one that holds the byte at `offset`."""
        if self._starts and self.base <= offset <= self.end:
            self.first = max(before - self.place_at(offset), 0)

    def line(self, place: int) -> bytes:
        """The line at this place, without its line break.

        Raises:
            IndexError: there is no such line.
        """
        start = self._starts[place] - self.base
        is_last = place == len(self._starts) - 1
        stop = len(self._data) if is_last else self._starts[place + 1] - self.base
        data = bytes(self._data[start:stop])
        return data[:-1] if data.endswith(b"\n") else data

    def start_of(self, place: int) -> int:
        """Offset of the line's first byte."""
        return self._starts[place]

    def place_at(self, offset: int) -> int:
        """The line that holds the byte at `offset`; the nearest one if none does."""
        low, high = 0, len(self._starts)
        while low < high:
            middle = (low + high) // 2
            if self._starts[middle] <= offset:
                low = middle + 1
            else:
                high = middle
        return max(low - 1, 0)

    def append(self, data: bytes, offset: int) -> int:
        """Add bytes at the end; what is there already is skipped. Gives lines let go.

        A gap between `end` and `offset` starts afresh at `offset`.
        """
        if not self._data or offset > self.end:
            gone = len(self._starts)
            self.clear(offset)
        else:
            gone = 0
            data = data[self.end - offset :]
        if data:
            self._index(data)
            self._data += data
            self.version += 1
        return gone + self._let_go_of_oldest()

    def prepend(self, data: bytes, offset: int) -> int:
        """Add bytes that end where the loaded ones begin; gives the number of new lines.

        The newest bytes are let go if it becomes too much.
        """
        data = data[: max(self.base - offset, 0)]
        if not data or offset + len(data) != self.base:
            return 0
        rest = bytes(self._data[: self._most - len(data)])
        first = self.first
        self.clear(offset)
        self._index(data + rest)
        self._data += data + rest
        added = self.place_at(offset + len(data))
        self.first = 0 if offset == 0 else None if first is None else max(first - added, 0)
        return added

    def _index(self, data: bytes) -> None:
        """Note where lines begin in `data`, which is about to follow."""
        at = self.end
        if not self._data or self._data.endswith(b"\n"):
            self._starts.append(at)
        place = data.find(b"\n")
        while place >= 0 and place + 1 < len(data):
            self._starts.append(at + place + 1)
            place = data.find(b"\n", place + 1)

    def _let_go_of_oldest(self) -> int:
        """Make room at the front, in whole lines; gives their number."""
        if len(self._data) <= self._most:
            return 0
        least = self.end - self._most + min(STEP_BYTES, self._most // 4)
        place = min(self.place_at(least) + 1, len(self._starts) - 1)
        if place <= 0:
            return self._cut_single_line(least)
        base = self._starts[place]
        del self._data[: base - self.base]
        del self._starts[:place]
        self.base = base
        self.first = None if self.first is None else self.first + place
        return place

    def _cut_single_line(self, base: int) -> int:
        del self._data[: base - self.base]
        self._starts[0] = self.base = base
        return 0
