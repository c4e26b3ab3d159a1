"""What a search has found in a log so far: where, how many, and which part was looked at."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final

from crabtui.data.wording import count
from engine.model.log_pattern import LogPattern, parse_pattern

MOST_FOUND: Final = 100_000


class LogSearch:
    """Offsets of the lines that have something in them, ascending."""

    def __init__(self, wanted: str) -> None:
        """Nothing was looked at. Raises: InvalidSpec: it cannot be searched for."""
        self.wanted = wanted
        self.pattern: LogPattern = parse_pattern(wanted)
        self.found = array("q")
        self.start: int | None = None
        """What was looked at: from here …"""
        self.end: int | None = None
        """… to here."""
        self.is_full = False
        """There are more than can be kept; the newest are."""

    def take(self, offsets: Iterable[int], start: int, end: int) -> None:
        """Lines that were found among those that begin in [start, end)."""
        new = array("q", (at for at in offsets if not self._has(at)))
        if not new or not self.found or new[0] > self.found[-1]:
            self.found.extend(new)
        elif new[-1] < self.found[0]:
            self.found = new + self.found
        else:
            self.found = array("q", sorted([*new, *self.found]))
        self.start = start if self.start is None else min(self.start, start)
        self.end = end if self.end is None else max(self.end, end)
        if len(self.found) > MOST_FOUND:
            self.found = self.found[-MOST_FOUND:]
            self.is_full = True

    def _has(self, offset: int) -> bool:
        place = bisect_left(self.found, offset)
        return place < len(self.found) and self.found[place] == offset

    def forget_before(self, base: int) -> None:
        """Lines that are gone for good cannot be gone to."""
        if self.found and self.found[0] < base:
            self.found = self.found[bisect_left(self.found, base) :]

    def after(self, offset: int) -> int | None:
        """The first found line past the one at `offset`; wraps around."""
        if not self.found:
            return None
        return self.found[bisect_right(self.found, offset) % len(self.found)]

    def before(self, offset: int) -> int | None:
        """The last found line before the one at `offset`; wraps around."""
        return self.found[bisect_left(self.found, offset) - 1] if self.found else None

    def counted(self, offset: int | None, *, is_whole: bool) -> str:
        """`12/340`: the line at `offset` among all; `+` while there may be more."""
        total = count(len(self.found), exact=is_whole and not self.is_full)
        if offset is None:
            return total
        return f"{bisect_right(self.found, offset)}/{total}"
