"""Weighted slices: who is owed the next grant."""

import heapq
import math
from collections.abc import Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=str | int)

SCALE: Final = math.lcm(*range(1, 101))
"""Length of one turn of the wheel; every share up to 100 divides it without a rest."""


class Contest(Generic[K]):
    """Contenders that take turns, each as often as its share says.

    Every grant moves a contender ahead by SCALE / share, and the one that is least ahead
    is next; ties go to the smaller key. Between two grants of a contender the others get
    theirs, so there are no blocks; with shares that sum to 100, any 100 grants in a row
    with everybody waiting are exactly the shares. Who has nothing waiting lends its turns
    and saves up nothing: it comes back level with the one served last.

    Source: stride scheduling, Waldspurger & Weihl, 1995.
    """

    def __init__(self, shares: Mapping[K, int], owed: Mapping[K, int]) -> None:
        """Start where the last round ended.

        Args:
            shares: Of those with something waiting; at least 1 each.
            owed: The last round's `owed()`; who is not in it starts level.
        """
        self._stride = {key: SCALE // share for key, share in shares.items()}
        self._ahead = dict.fromkeys(shares, 0) | {key: -amount for key, amount in owed.items()}
        self._heap = [(self._ahead[key], key) for key in shares]
        self._served: tuple[int, K] | None = None
        heapq.heapify(self._heap)

    def leader(self) -> K | None:
        """Who is owed the next grant; None if nobody is left."""
        return self._heap[0][1] if self._heap else None

    def charge(self) -> None:
        """The leader got its grant."""
        self._served = self._heap[0]
        place, key = self._served
        self._ahead[key] = place + self._stride[key]
        heapq.heapreplace(self._heap, (self._ahead[key], key))

    def drop(self) -> None:
        """The leader can take no more in this round."""
        heapq.heappop(self._heap)

    def owed(self) -> dict[K, int]:
        """What each is owed against one that comes new; those that are level are left out.

        New ones come in one unit behind the place of the last grant, and after those that
        wait in that same place for their turn. So the wheel's order outlives the round, and
        any hundred grants stay exact whoever joins.
        """
        served = self._served
        if served is None:
            return {key: -ahead for key, ahead in self._ahead.items() if ahead}
        level = served[0] + 1
        return {
            key: level - ahead
            for key, ahead in self._ahead.items()
            if ahead != level and (ahead, key) > served
        }
