"""Finding text in a log, a slice at a time, so that no key waits for it."""

from array import array
from bisect import bisect_left, bisect_right
from typing import Final

from crabtui.data.ansi import MOST_BYTES as MOST_LINE
from crabtui.data.ansi import text_of
from crabtui.data.log_text import LogText
from crabtui.data.wording import count

SLICE_BYTES: Final = 64 * 2**10
MOST_FOUND: Final = 100_000


class LogSearch:
    """Lines that contain a text, whatever its letter case: their offsets, ascending."""

    def __init__(self, wanted: str, log: LogText) -> None:
        self.wanted = wanted.lower()
        self.found = array("q")
        self._log = log
        self._from = self._to = self._searchable_end

    @property
    def is_done(self) -> bool:
        """Whether all that is loaded has been looked at."""
        if len(self.found) >= MOST_FOUND:
            return True
        return self._from <= self._log.base and self._to >= self._searchable_end

    def step(self) -> None:
        """Look at one more slice: what was added at the end first, then backwards."""
        if self._to < self._searchable_end:
            self.found.extend(self._look(self._to, SLICE_BYTES))
            self._to = min(self._to + SLICE_BYTES, self._searchable_end)
            return
        start = max(self._from - SLICE_BYTES, self._log.base)
        self.found = array("q", self._look(start, self._from - start)) + self.found
        self._from = start

    def forget_before(self, base: int) -> None:
        """Lines that were let go cannot be gone to."""
        if base > self._from:
            self.found = self.found[bisect_left(self.found, base) :]
            self._from = base
            self._to = max(self._to, base)

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
        total = count(len(self.found), exact=is_whole and self.is_done)
        if offset is None:
            return total
        return f"{bisect_right(self.found, offset)}/{total}"

    @property
    def _searchable_end(self) -> int:
        """The last line may still grow: it is looked at once it has ended."""
        log = self._log
        if not len(log) or log.chunk(log.end - 1, 1) == b"\n":
            return log.end
        return log.start_of(len(log) - 1)

    def _look(self, start: int, length: int) -> list[int]:
        """Offsets of the lines that begin in this slice and contain the text."""
        if self._is_surely_absent(start, length):
            return []
        lines = self._log.scan(start, length)
        return [offset for offset, line in lines if self.wanted in text_of(line).lower()]

    def _is_surely_absent(self, start: int, length: int) -> bool:
        """A look at the bytes alone, where that is enough: it is twenty times faster."""
        data = self._log.chunk(start, length + MOST_LINE)
        if b"\x1b" in data or b"\t" in data or not self.wanted.isascii():
            return False
        return self.wanted.encode() not in data.lower()
