"""Preemption: which attempts would have to make room so that an urgent job can start."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from engine.model.job import Job, Shape
from engine.model.snapshot import Holder, Lane, Room, Snapshot
from engine.policy.scheduling.decisions import Displace
from engine.policy.scheduling.placement import could_hold, fits, is_open, room_without

MOST_TRIED: Final = 3
"""Sets of up to so many victims are searched through; larger ones are found greedily."""

MOST_LOOKED_AT: Final = 16
"""Holders of one worker among which small sets are searched."""


def displacements(head: Job, lane: Lane, snapshot: Snapshot) -> tuple[Displace, ...]:
    """The cheapest attempts of one worker whose room would let the head start there.

    Only preemptible holders of a less urgent class that are not stopping yet. Fewest victims
    first, then the least urgent ones, then those that have run for the shortest time, then
    the worker of the smaller name. Empty if nobody's leaving would help, or if it fits now.
    """
    found = [
        victims
        for name, holders in sorted(_displaceable(lane, snapshot).items())
        if (victims := _victims(lane.shape, snapshot.rooms[name], holders))
    ]
    if not found:
        return ()
    why = f"makes room for {lane.key.priority.label} #{head.id}"
    return tuple(Displace(victim, head.id, why) for victim in min(found, key=_cost))


def _displaceable(lane: Lane, snapshot: Snapshot) -> dict[str, list[Holder]]:
    rooms = {
        name: room
        for name, room in snapshot.rooms.items()
        if is_open(room.worker) and could_hold(lane.shape, room.worker, snapshot.rules)
    }
    if any(fits(lane.shape, room) for room in rooms.values()):
        return {}
    found: dict[str, list[Holder]] = {}
    for holder in snapshot.holders:
        if holder.worker in rooms and _may_be_displaced(holder, lane):
            found.setdefault(holder.worker, []).append(holder)
    return found


def _may_be_displaced(holder: Holder, lane: Lane) -> bool:
    is_lesser = holder.priority > lane.key.priority
    return holder.is_preemptible and not holder.is_stopping and is_lesser


def _victims(shape: Shape, room: Room, holders: Sequence[Holder]) -> Sequence[Holder]:
    if not fits(shape, room_without(room, holders)):
        return ()
    cheapest_first = sorted(holders, key=_dearness)
    return _small_set(shape, room, cheapest_first) or _pruned(shape, room, cheapest_first)


def _small_set(shape: Shape, room: Room, holders: Sequence[Holder]) -> Sequence[Holder]:
    for count in range(1, min(MOST_TRIED, len(holders)) + 1):
        sets = combinations(holders if count == 1 else holders[:MOST_LOOKED_AT], count)
        enough = [some for some in sets if fits(shape, room_without(room, some))]
        if enough:
            return min(enough, key=_cost)
    return ()


def _pruned(shape: Shape, room: Room, holders: Sequence[Holder]) -> Sequence[Holder]:
    """Everybody, without those who need not leave; the dearest are spared first."""
    leaving = list(holders)
    for holder in reversed(holders):
        others = [one for one in leaving if one is not holder]
        if fits(shape, room_without(room, others)):
            leaving = others
    return leaving


def _dearness(holder: Holder) -> tuple[int, int, int]:
    return -holder.priority, -(holder.started_at or 0), -holder.job


def _cost(victims: Sequence[Holder]) -> tuple[int, list[tuple[int, int, int]]]:
    return len(victims), sorted((_dearness(one) for one in victims), reverse=True)
