"""Timers: what is to happen at which instant, unless it is called off."""

import heapq
import itertools
from collections.abc import Callable


class Timer:
    """Something that will happen."""

    __slots__ = ("act", "due_s", "is_off")

    def __init__(self, due_s: float, act: Callable[[], None]) -> None:
        self.due_s = due_s
        self.act = act
        self.is_off = False

    def call_off(self) -> None:
        """It will not happen."""
        self.is_off = True


class Timers:
    """Timers in the order of their instants, seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def at(self, due_s: float, act: Callable[[], None]) -> Timer:
        """Have something happen then."""
        timer = Timer(due_s, act)
        heapq.heappush(self._heap, (due_s, next(self._order), timer))
        return timer

    def next_s(self) -> float | None:
        """When the next one is due; None: there is none."""
        while self._heap and self._heap[0][2].is_off:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now_s: float) -> None:
        """Do what is due."""
        while (due_s := self.next_s()) is not None and due_s <= now_s:
            heapq.heappop(self._heap)[2].act()
