"""Room that is kept for a head that does not fit, where it is expected soonest."""

from collections.abc import Iterable, Sequence

from engine.model.job import Job, Shape
from engine.model.reasons import GateKind
from engine.model.snapshot import Holder, Lane, LaneKey, Reservation, Room, Snapshot
from engine.policy.jobs.timeouts import ends_by_at
from engine.policy.readiness import (
    first_closed_of_lane,
    goal_is_free,
    is_grantable,
    is_held_back,
)
from engine.policy.scheduling.bins import Bins, Kept
from engine.policy.scheduling.packing import Demand, Fleet
from engine.policy.scheduling.placement import (
    could_hold,
    fits,
    fits_beside_others,
    is_open,
    room_without,
    taking,
)

STAYS: frozenset[GateKind] = frozenset(
    {
        GateKind.QUEUE_LIMIT,
        GateKind.RATE,
        GateKind.PRESSURE,
        GateKind.QUOTA,
        GateKind.ARRAY,
        GateKind.GROUP,
    }
)
"""Gates that may close on a head for a while without costing it the room kept for it."""


class Keeper:
    """The reservations of one round: those carried into it that still hold, and new ones."""

    def __init__(self, bins: Bins) -> None:
        self._bins = bins
        self._ends: dict[int, list[tuple[int | None, int]]] = {}
        self.by_lane: dict[LaneKey, Reservation] = {}
        """In the order made."""

    def keep(self, reservation: Reservation, demand: Demand) -> None:
        """Keep the room of a reservation, behind those that were made before it."""
        index = self._bins.fleet.index[reservation.worker]
        self.by_lane[reservation.lane] = reservation
        self._bins.keep(index, Kept(reservation.lane, demand.need, reservation.starts_at))

    def put_first(self, lane: LaneKey) -> None:
        """Let what is kept for a lane go before what is kept there for less urgent ones."""
        mine = self.by_lane[lane]
        index = self._bins.fleet.index[mine.worker]
        for key, one in list(self.by_lane.items()):
            if one.worker == mine.worker and key.priority > lane.priority:
                self.by_lane[key] = self.by_lane.pop(key)
                self._bins.keep_last(index, key)

    def drop(self, lane: LaneKey) -> None:
        """Keep nothing for this lane any more."""
        reservation = self.by_lane.pop(lane, None)
        if reservation is not None:
            self._bins.give_up(self._bins.fleet.index[reservation.worker], lane)

    def may_stay(self, reservation: Reservation, demand: Demand) -> bool:
        """Whether its worker still takes work, and could still hold the head."""
        index = self._bins.fleet.index.get(reservation.worker)
        if index is None or not demand.able & self._bins.open & 1 << index:
            return False
        return self._bins.has_beside_others(index, demand.need)

    def make(
        self,
        job: Job,
        lane: LaneKey,
        demand: Demand,
        snapshot: Snapshot,
        *,
        alone: bool,
        worker: str | None = None,
    ) -> Reservation | None:
        """Keep room for a head; None if no worker is left on which it could be kept.

        Args:
            job: The head.
            lane: Where it stands.
            demand: What it asks.
            snapshot: The round's draft: what runs now, and until when.
            alone: Only on a worker on which nothing is kept yet.
            worker: Only on this one.
        """
        able = demand.able & self._bins.open
        found = [
            (starts_at is None, starts_at or 0, self._missing(index, demand, starts_at), index)
            for index in range(len(self._bins.left))
            if able >> index & 1
            and self._bins.has_beside_others(index, demand.need)
            and not (alone and index in self._bins.kept)
            and worker in (None, self._bins.fleet.workers[index].name)
            for starts_at in (self._soonest(index, demand, snapshot),)
        ]
        if not found:
            return None
        is_unknown, starts_at, _, index = min(found)
        name = self._bins.fleet.workers[index].name
        known_at = None if is_unknown else starts_at
        reservation = Reservation(job.id, lane, name, snapshot.now_at, known_at)
        self.keep(reservation, demand)
        return reservation

    def _missing(self, index: int, demand: Demand, starts_at: int | None) -> int:
        if starts_at is not None:
            return 0
        return self._bins.fleet.lacking(self._bins.left[index], demand.need)

    def _soonest(self, index: int, demand: Demand, snapshot: Snapshot) -> int | None:
        """When enough of what runs there has ended, as far as that is known."""
        fleet = self._bins.fleet
        kept = self._bins.kept.get(index, ())
        for at, left in self._timeline(index, snapshot):
            for one in kept:
                left = fleet.without(left, one.need) | fleet.guards
            if (left - demand.need) & fleet.guards == fleet.guards:
                return at
        return None

    def _timeline(self, index: int, snapshot: Snapshot) -> list[tuple[int | None, int]]:
        """What will be left of a worker, packed, after each end that is known."""
        found = self._ends.get(index)
        if found is None:
            worker = self._bins.fleet.workers[index]
            holders = [one for one in snapshot.holders if one.worker == worker.name]
            found = list(
                _ends(self._bins.fleet, snapshot.rooms[worker.name], holders, snapshot)
            )
            self._ends[index] = found
        return found

    def changed(self, index: int) -> None:
        """Something has started on this worker."""
        self._ends.pop(index, None)


def _ends(
    fleet: Fleet, room: Room, holders: Iterable[Holder], snapshot: Snapshot
) -> Iterable[tuple[int, int]]:
    now_at = snapshot.now_at
    yield now_at, fleet.left(room) | fleet.guards
    known = ((one.ends_at, one) for one in holders if one.ends_at is not None)
    for at, holder in sorted(known, key=lambda end: (end[0], end[1].job)):
        room = room_without(room, [holder])
        yield max(at, now_at), fleet.left(room) | fleet.guards


def kept_on(
    worker: str, lane: LaneKey, snapshot: Snapshot
) -> Sequence[tuple[Shape, Reservation]]:
    """What is kept on a worker from a job of this lane, in the order made."""
    lanes = {one.key: one for one in snapshot.lanes} if snapshot.carried.reservations else {}
    found = []
    for reservation in snapshot.carried.reservations:
        keeper = lanes.get(reservation.lane)
        if reservation.worker != worker or keeper is None:
            continue
        if reservation.lane == lane:
            break
        if still_holds(reservation, keeper, snapshot):
            found.append((keeper.shape, reservation))
    return found


def still_holds(reservation: Reservation, lane: Lane, snapshot: Snapshot) -> bool:
    """Whether the next round goes on keeping this room, as far as gates tell."""
    shape, room = lane.shape, snapshot.rooms.get(reservation.worker)
    first = next((job for job in lane.jobs if _may_go(job, shape, snapshot)), None)
    if first is None or first.id != reservation.job or is_held_back(lane.key, snapshot):
        return False
    closed = first_closed_of_lane(lane.key, shape, snapshot)
    if room is None or not (closed is None or closed in STAYS):
        return False
    if not is_open(room.worker) or not could_hold(shape, room.worker, snapshot.rules):
        return False
    return fits_beside_others(shape, room)


def _may_go(job: Job, shape: Shape, snapshot: Snapshot) -> bool:
    return is_grantable(job, snapshot.now_at) and goal_is_free(job.id, shape, snapshot)


def admits(job: Job, lane: LaneKey, shape: Shape, room: Room, snapshot: Snapshot) -> bool:
    """Whether a job that fits into a room may start there, beside what is kept in it.

    It may if it fits beside all that is kept, leaving out what it cannot delay: what is
    expected to start only when the job will have ended for certain.
    """
    by_at = ends_by_at(job, snapshot.now_at)
    for kept, reservation in kept_on(room.worker.name, lane, snapshot):
        starts_at = reservation.starts_at
        if by_at is None or starts_at is None or by_at > starts_at:
            room = beside(room, kept)
    return fits(shape, room)


def beside(room: Room, kept: Shape) -> Room:
    """The room without what is kept in it for a job of this shape; never less than nothing."""
    return taking(room, kept)
