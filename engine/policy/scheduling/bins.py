"""The workers of one round: what is left of each, what is kept for whom, who comes first."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from engine.model.burden import NO_BURDEN
from engine.model.rules import Rules
from engine.model.snapshot import LaneKey, Room
from engine.policy.scheduling.packing import Demand, fleet_of
from engine.policy.scheduling.placement import is_open

REST: Final = 16
"""After starts on one in so many workers it is worth looking anew at what is left at most."""


class Kept(NamedTuple):
    """Room that is kept on a worker."""

    lane: LaneKey
    need: int
    starts_at: int | None


class Bins:
    """Rooms as packed numbers, in the order of what is taken of them."""

    def __init__(self, rooms: Mapping[str, Room], rules: Rules) -> None:
        self.fleet = fleet_of(rooms.values(), rules)
        self.rooms = rooms
        workers = self.fleet.workers
        guards = self.fleet.guards
        self.open = 0
        self.left: list[int] = []
        """Packed, with guards."""
        self._loads: list[int] = []
        for index, worker in enumerate(workers):
            room = rooms[worker.name]
            self.open |= is_open(room.worker) << index
            left, taken = self.fleet.gauge(index, room)
            self.left.append(left | guards)
            self._loads.append(taken)
        self._usable = list(self.left)
        """What is left beside everything that is kept."""
        self._spread = sorted((part, index) for index, part in enumerate(self._loads))
        self._pack: list[tuple[int, int]] | None = None
        """The other way round, once somebody has asked for that."""
        self.kept: dict[int, list[Kept]] = {}
        self._most: int | None = None
        """At least as much as is left anywhere, field by field; packed, with guards.
        Looked at once something has fitted nowhere in a fleet that is not small."""
        self._taken = 0
        """Starts since then."""

    def has_beside_others(self, index: int, need: int) -> bool:
        """Whether a worker will have so much once all of ours there have ended.

        What others take of it may never end, so nobody is kept off it for that.
        """
        worker = self.fleet.workers[index]
        burden = self.rooms[worker.name].burden
        if burden is NO_BURDEN:
            return True
        left = self.fleet.left(Room(worker, {}, 0, burden.gpus, burden)) | self.fleet.guards
        return (left - need) & self.fleet.guards == self.fleet.guards

    def keep(self, index: int, kept: Kept) -> None:
        """Keep room on a worker, behind what is kept there already."""
        self.kept.setdefault(index, []).append(kept)
        self._refresh(index)

    def keep_last(self, index: int, lane: LaneKey) -> None:
        """Keep what is kept for a lane there behind all the rest."""
        self.kept[index].sort(key=lambda one: one.lane == lane)

    def give_up(self, index: int, lane: LaneKey) -> None:
        """Keep nothing for this lane there any more."""
        self.kept[index] = [one for one in self.kept.get(index, ()) if one.lane != lane]
        if not self.kept[index]:
            del self.kept[index]
        self._refresh(index)

    def find(
        self, demand: Demand, lane: LaneKey, session: str | None, ends_by_at: int | None
    ) -> int | None:
        """The worker on which a job may start now; None if there is none.

        Args:
            demand: What it asks.
            lane: Where it stands: what is kept for this lane is not kept from it.
            session: Worker that it prefers to all others.
            ends_by_at: When it will have ended for certain; None: nobody knows.
        """
        able, need, guards = demand.able & self.open, demand.need, self.fleet.guards
        wished = self.fleet.index.get(session or "", -1)
        if wished >= 0 and able >> wished & 1 and self.admits(wished, need, lane, ends_by_at):
            return wished
        if not self._may_fit(need):
            return None
        order = self._packed() if demand.is_packed else self._spread
        usable, kept = self._usable, self.kept
        for tier in demand.tiers:
            mask = tier & able
            if not mask:
                continue
            for _, index in order:
                if (usable[index] - need) & guards == guards:
                    if mask >> index & 1:
                        return index
                elif (
                    kept
                    and index in kept
                    and mask >> index & 1
                    and self.admits(index, need, lane, ends_by_at)
                ):
                    return index
        return None

    def has_room(self, demand: Demand) -> bool:
        """Whether it fits somewhere, were nothing kept."""
        able, need, guards = demand.able & self.open, demand.need, self.fleet.guards
        if not self._may_fit(need):
            return False
        for index, left in enumerate(self.left):
            if (left - need) & guards == guards and able >> index & 1:
                return True
        few = len(self.left) // REST
        if few and (self._most is None or self._taken > few):
            self._most, self._taken = self._look_at_most(), 0
        return False

    def _may_fit(self, need: int) -> bool:
        """False if it fits nowhere for certain: one look for all workers."""
        most, guards = self._most, self.fleet.guards
        return most is None or (most - need) & guards == guards

    def _look_at_most(self) -> int:
        guards, is_open = self.fleet.guards, self.open
        lefts = (left & ~guards for at, left in enumerate(self.left) if is_open >> at & 1)
        return self.fleet.most(lefts) | guards

    def admits(self, index: int, need: int, lane: LaneKey, ends_by_at: int | None) -> bool:
        """Whether a job may start there: it fits, and delays nobody for whom room is kept."""
        guards = self.fleet.guards
        if (self.left[index] - need) & guards != guards:
            return False
        left = self._beside(index, self._before(index, lane, ends_by_at))
        return (left - need) & guards == guards

    def _beside(self, index: int, kept: Iterable[int]) -> int:
        left = self.left[index]
        for need in kept:
            left = self.fleet.without(left, need) | self.fleet.guards
        return left

    def _before(self, index: int, lane: LaneKey, ends_by_at: int | None) -> Iterator[int]:
        """What is kept there that the job could delay."""
        for kept in self.kept.get(index, ()):
            if kept.lane == lane:
                return
            starts_at = kept.starts_at
            if ends_by_at is None or starts_at is None or ends_by_at > starts_at:
                yield kept.need

    def take(self, index: int, demand: Demand, room: Room, gpus: tuple[int, ...]) -> None:
        """A job has started there, and this is the room that it leaves."""
        taken = demand.base + sum(self.fleet.device(index, gpu) for gpu in gpus)
        self.left[index] -= taken
        self._taken += 1
        self._move(index, self.fleet.gauge(index, room)[1])
        self._refresh(index)

    def _refresh(self, index: int) -> None:
        kept = self.kept.get(index)
        self._usable[index] = (
            self._beside(index, (one.need for one in kept)) if kept else self.left[index]
        )

    def _packed(self) -> list[tuple[int, int]]:
        if self._pack is None:
            self._pack = sorted((-part, index) for index, part in enumerate(self._loads))
        return self._pack

    def _move(self, index: int, part: int) -> None:
        was = self._loads[index]
        if part == was:
            return
        self._loads[index] = part
        _replace(self._spread, (was, index), (part, index))
        if self._pack is not None:
            _replace(self._pack, (-was, index), (-part, index))


def _replace(order: list[tuple[int, int]], old: tuple[int, int], new: tuple[int, int]) -> None:
    del order[bisect_left(order, old)]
    insort(order, new)
