"""Departures: a snapshot without attempts that have ended."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.model.ids import JobId
from engine.model.snapshot import NOTHING_TAKEN, Holder, Snapshot, Taken
from engine.policy.scheduling.placement import room_without


def departed(snapshot: Snapshot, gone: Sequence[Holder]) -> Snapshot:
    """The snapshot once these attempts have ended: everything they held is free."""
    if not gone:
        return snapshot
    rooms = dict(snapshot.rooms)
    queues, groups = dict(snapshot.running_in_queue), dict(snapshot.running_in_group)
    arrays, tenants = dict(snapshot.running_in_array), dict(snapshot.tenants)
    spaces = dict(snapshot.namespaces)
    for one in gone:
        if one.worker in rooms:
            rooms[one.worker] = room_without(rooms[one.worker], [one])
        queues[one.queue] = max(0, queues.get(one.queue, 0) - 1)
        if one.group is not None:
            groups[one.group] = max(0, groups.get(one.group, 0) - 1)
        if one.array is not None:
            arrays[one.array] = max(0, arrays.get(one.array, 0) - 1)
        tenants[one.tenant] = _less(tenants.get(one.tenant, NOTHING_TAKEN), one)
        space = one.tenant, one.namespace
        spaces[space] = _less(spaces.get(space, NOTHING_TAKEN), one)
    ended = {one.job for one in gone}
    return replace(
        snapshot,
        rooms=rooms,
        running_in_queue=queues,
        running_in_group=groups,
        running_in_array=arrays,
        tenants=tenants,
        namespaces=spaces,
        goals={goal: left for goal, left in _goals_without(snapshot, ended) if left},
        holders=[one for one in snapshot.holders if one.job not in ended],
    )


def _goals_without(
    snapshot: Snapshot, ended: set[JobId]
) -> Iterable[tuple[str, Sequence[JobId]]]:
    for goal, holders in snapshot.goals.items():
        yield goal, [job for job in holders if job not in ended]


def _less(taken: Taken, holder: Holder) -> Taken:
    amounts = dict(taken.amounts)
    for name, amount in holder.amounts:
        amounts[name] = max(0, amounts.get(name, 0) - amount)
    return Taken(max(0, taken.running - 1), amounts)
