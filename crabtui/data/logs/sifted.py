"""The lines of a log that a search found, and those around them: what `&` shows."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Sifted:
    """One line: where it begins, which it is, if that is known, and what it says."""

    offset: int
    data: bytes
    number: int | None = None
    label: str = ""


class LogSifted:
    """Lines in the order of the log, from wherever a search has come; bounded."""

    def __init__(self) -> None:
        self._lines: list[Sifted] = []
        self._keys = array("q")
        self.version = 0
        self.is_numbered = False
        """Whether it is known which lines of the log these are."""
        self.is_full = False
        """The oldest were left out."""

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, place: int) -> bytes:
        """The line. Raises: IndexError."""
        return self._lines[place].data

    def start_of(self, place: int) -> int:
        """Offset of the line in its log."""
        return self._keys[place]

    def place_at(self, offset: int) -> int:
        """The line that begins there, or the last one before."""
        return max(bisect_right(self._keys, offset) - 1, 0)

    def label(self, place: int) -> str:
        """Whose line it is, if there are several logs."""
        return self._lines[place].label

    def number(self, place: int) -> int | None:
        """Which line of its log it is."""
        return self._lines[place].number

    def estimate(self, place: int) -> int:
        """Its place among those shown."""
        return place + 1

    def take(self, lines: Sequence[Sifted]) -> int:
        """Add lines, all newer or all older than those here, which come once.

        Gives by how many places those that were here have moved.
        """
        known = set(self._keys)
        new = sorted(
            {line.offset: line for line in lines if line.offset not in known}.values(),
            key=lambda line: line.offset,
        )
        if not new:
            return 0
        self.version += 1
        self.is_numbered = self.is_numbered or new[0].number is not None
        is_newer = not self._keys or new[0].offset > self._keys[-1]
        if is_newer:
            return self._add(self._lines + new)
        before = len(self._lines)
        self._add(sorted([*new, *self._lines], key=lambda line: line.offset))
        return len(self._lines) - before

    def _add(self, lines: list[Sifted]) -> int:
        """Keep the newest; gives, as less than nothing, how many of the oldest went."""
        room, kept = MOST_BYTES, 0
        for line in reversed(lines):
            room -= len(line.data) + 64
            if room < 0 or kept >= MOST_LINES:
                self.is_full = True
                break
            kept += 1
        self._lines = lines[len(lines) - kept :]
        self._keys = array("q", (line.offset for line in self._lines))
        return kept - len(lines)
