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
        self._stride: dict[K, int] = {}
        self._ahead = {key: -amount for key, amount in owed.items()}
        self._heap: list[tuple[int, K]] = []
        self._here: set[K] = set()
        self._served: tuple[int, K] | None = None
        for key, share in shares.items():
            self.join(key, share)

    def join(self, key: K, share: int) -> None:
        """Somebody has something waiting; who comes late in a round comes level."""
        if key in self._here:
            return
        self._here.add(key)
        self._stride[key] = SCALE // share
        level = self._served[0] + 1 if self._served else self._ahead.get(key, 0)
        self._ahead[key] = max(level, self._ahead.get(key, level))
        heapq.heappush(self._heap, (self._ahead[key], key))

    def leader(self) -> K | None:
        """Who is owed the next grant; None if nobody is left."""
        heap = self._heap
        while heap:
            place, key = heap[0]
            if key not in self._here:
                heapq.heappop(heap)
            elif place != self._ahead[key]:
                heapq.heapreplace(heap, (self._ahead[key], key))
            else:
                return key
        return None

    def place(self, key: K) -> int:
        """How far ahead somebody is."""
        return self._ahead[key]

    def charge(self, key: K | None = None) -> None:
        """Somebody got a grant: the leader unless named. Out of turn it costs as much."""
        leader = self.leader()
        key = leader if key is None else key
        if key is None:
            return
        if key == leader:
            self._served = (self._ahead[key], key)
        if key in self._stride:
            self._ahead[key] += self._stride[key]

    def level(self, key: K) -> None:
        """Put somebody who goes out of turn where the leader is, if it was further ahead."""
        leader = self.leader()
        if leader is not None and self._ahead[key] > self._ahead[leader]:
            self._ahead[key] = self._ahead[leader]
            heapq.heappush(self._heap, (self._ahead[key], key))

    def drop(self, key: K | None = None) -> None:
        """Somebody can take no more in this round: the leader unless named."""
        key = self.leader() if key is None else key
        if key is not None:
            self._here.discard(key)

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
