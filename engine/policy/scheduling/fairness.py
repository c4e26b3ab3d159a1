"""Which tenant of a class is next: the one whose dominant share is smallest for its weight."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.model.rules import Rules
from engine.model.snapshot import NOTHING_TAKEN, Room, Taken
from engine.policy.scheduling.placement import is_open
from engine.policy.scheduling.slices import Contest

WHOLE: Final = 10**12
"""All of a dimension, of a tenant of weight 1."""

SLOTS: Final = "slots "
"""A dimension like the others; no name that a person may give has a space."""


class Shares:
    """The dominant share of each tenant over all queues, against the open workers.

    Source: dominant resource fairness, Ghodsi et al., 2011.
    """

    def __init__(
        self, rooms: Iterable[Room], tenants: Mapping[str, Taken], rules: Rules
    ) -> None:
        self._whole: dict[str, int] = {}
        self._tenants = tenants
        self._rules = rules
        self._known: dict[str, int] = {}
        for room in rooms:
            if is_open(room.worker):
                self._count(room)

    def _count(self, room: Room) -> None:
        whole = self._whole
        whole[SLOTS] = whole.get(SLOTS, 0) + room.worker.slots
        for name, amount in room.worker.capacity.items():
            whole[name] = whole.get(name, 0) + amount

    def weight(self, tenant: str) -> int:
        """The tenant's part against others."""
        rules = self._rules.tenants.get(tenant)
        return max(1, rules.weight) if rules else 1

    def of(self, tenant: str) -> int:
        """The largest part that the tenant has of any dimension, by its weight."""
        found = self._known.get(tenant)
        if found is None:
            found = self._known[tenant] = self._look(self._tenants.get(tenant, NOTHING_TAKEN))
            found = self._known[tenant] = found // self.weight(tenant)
        return found

    def changed(self, tenant: str) -> None:
        """The tenant has more than before."""
        self._known.pop(tenant, None)

    def _look(self, taken: Taken) -> int:
        parts = [
            amount * WHOLE // whole
            for name, amount in (*taken.amounts.items(), (SLOTS, taken.running))
            if amount > 0 and (whole := self._whole.get(name, 0)) > 0
        ]
        return max(parts, default=0)


class FairContest:
    """Contenders of which the one with the smallest share is next; equal ones take turns.

    Shares only grow in a round, so a place in the heap is looked at again when it comes up.
    """

    def __init__(self, turns: Contest[str], share: Callable[[str], int]) -> None:
        self._turns = turns
        self._share = share
        self._here: set[str] = set()
        self._heap: list[tuple[int, int, str]] = []

    def join(self, key: str, share: int) -> None:
        """A tenant has something waiting in this stage."""
        if key not in self._here:
            self._here.add(key)
            self._turns.join(key, share)
            heapq.heappush(self._heap, self._place(key))

    def _place(self, key: str) -> tuple[int, int, str]:
        return self._share(key), self._turns.place(key), key

    def leader(self) -> str | None:
        """Who is next; None if nobody is left."""
        heap = self._heap
        while heap:
            key = heap[0][2]
            if key not in self._here:
                heapq.heappop(heap)
            elif heap[0] != (place := self._place(key)):
                heapq.heapreplace(heap, place)
            else:
                return key
        return None

    def charge(self, key: str | None = None) -> None:
        """A tenant got a grant: the leader unless named."""
        key = self.leader() if key is None else key
        if key is not None:
            self._turns.level(key)
            self._turns.charge(key)

    def drop(self) -> None:
        """The leader can take no more in this round."""
        key = self.leader()
        if key is not None:
            self._here.discard(key)
            self._turns.drop(key)

    def owed(self) -> dict[str, int]:
        """What decides between equal shares, for the next round."""
        return self._turns.owed()
