"""How busy queues were of late: bounded, in memory, gone with the daemon."""

from collections import deque
from typing import Final

US: Final = 1_000_000
MINUTES: Final = 15
"""How far depths are remembered."""


class Meter:
    """How often something happened in the last minute."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque(maxlen=60)
        """(second, number), the newest last; seconds in which nothing was are left out."""

    def add(self, at: int, number: int = 1) -> None:
        second = at // US
        if self._seconds and self._seconds[-1][0] >= second:
            second, before = self._seconds.pop()
            number += before
        self._seconds.append((second, number))

    def per_min(self, now_at: int) -> int:
        """The sum over the 60 seconds until now."""
        oldest = now_at // US - 60
        return sum(number for second, number in self._seconds if second > oldest)


class Track:
    """A depth as it was at the end of each of the last minutes."""

    def __init__(self) -> None:
        self._minutes: deque[tuple[int, int]] = deque(maxlen=MINUTES + 1)
        """(minute, depth at its end so far); minutes without a change are left out."""

    def note(self, at: int, depth: int) -> None:
        minute = at // (60 * US)
        if self._minutes and self._minutes[-1][0] >= minute:
            minute, _ = self._minutes.pop()
        self._minutes.append((minute, depth))

    def depths(self, now_at: int) -> tuple[int, ...]:
        """Oldest first, the minute of `now_at` last; 0 before the first that is known."""
        now = now_at // (60 * US)
        begin = now - MINUTES + 1
        known = dict(self._minutes)
        depth = next((told for minute, told in reversed(self._minutes) if minute < begin), 0)
        found = []
        for minute in range(begin, now + 1):
            depth = known.get(minute, depth)
            found.append(depth)
        return tuple(found)


class Activity:
    """What happened to the jobs of one queue."""

    def __init__(self) -> None:
        self.starts = Meter()
        self.ends = Meter()
        self.came = Meter()
        self.left = Meter()
        """Jobs that wait no longer, whatever for."""
        self.depth = Track()
