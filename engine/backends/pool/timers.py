"""Timers: what is to happen at which instant, unless it is called off."""

import heapq
import itertools
from collections.abc import Callable
from typing import Final

SWEEP: Final = 1_000
"""So many are kept before those that are called off are let go."""


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
        self._sweep_at = SWEEP

    def at(self, due_s: float, act: Callable[[], None]) -> Timer:
        """Have something happen then."""
        timer = Timer(due_s, act)
        heapq.heappush(self._heap, (due_s, next(self._order), timer))
        if len(self._heap) >= self._sweep_at:
            self._sweep()
        return timer

    def __len__(self) -> int:
        """How many are kept, those among them that are called off."""
        return len(self._heap)

    def _sweep(self) -> None:
        """Let go of those that are called off: most are, long before they are due."""
        self._heap = [entry for entry in self._heap if not entry[2].is_off]
        heapq.heapify(self._heap)
        self._sweep_at = max(SWEEP, 2 * len(self._heap))

    def next_s(self) -> float | None:
        """When the next one is due; None: there is none."""
        while self._heap and self._heap[0][2].is_off:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now_s: float) -> None:
        """Do what is due."""
        while (due_s := self.next_s()) is not None and due_s <= now_s:
            heapq.heappop(self._heap)[2].act()
