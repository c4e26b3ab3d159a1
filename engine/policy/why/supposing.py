"""Suppositions: a snapshot that nobody else has, with something about it changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from msgspec.structs import replace as with_fields

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.snapshot import Lane, LaneKey, Room, Snapshot
from engine.model.worker import Queue, Worker
from engine.policy.readiness import is_grantable
from engine.policy.shapes import shape_of
from engine.policy.why.departure import departed

FEW: Final = 8
"""So many jobs are looked for one by one, by halves; for more a whole lane is gone through."""


def frozen(snapshot: Snapshot, most: int) -> Snapshot:
    """The snapshot as it is now, whatever becomes of what it is a view of.

    Of each lane at most `most` jobs are kept; nobody looks further.
    """
    lanes = [
        replace(
            lane, jobs=tuple(lane.jobs[:most]), has_more=lane.has_more or len(lane.jobs) > most
        )
        for lane in snapshot.lanes
    ]
    rooms = {
        name: replace(room, taken=dict(room.taken)) for name, room in snapshot.rooms.items()
    }
    return replace(
        snapshot,
        lanes=lanes,
        queues=dict(snapshot.queues),
        rooms=rooms,
        running_in_queue=dict(snapshot.running_in_queue),
        running_in_group=dict(snapshot.running_in_group),
        running_in_array=dict(snapshot.running_in_array),
        tenants=dict(snapshot.tenants),
        namespaces=dict(snapshot.namespaces),
        arrays=dict(snapshot.arrays),
        goals=dict(snapshot.goals),
        goal_priorities=dict(snapshot.goal_priorities),
        sessions=dict(snapshot.sessions),
        modes=dict(snapshot.modes),
        holders=tuple(snapshot.holders),
    )


def with_jobs(snapshot: Snapshot, jobs: Sequence[Job]) -> Snapshot:
    """The snapshot with these jobs as they are here, where they belong.

    One that could start stands in its lane in order of its id, as if it had been in the
    window, unless others lie between that are in no window: then it is out of sight. One
    that could not is in no lane; one that has ended, or is told to, holds nothing any more.
    """
    ids = sorted({job.id for job in jobs})
    lanes = {lane.key: _without(lane, ids) for lane in snapshot.lanes}
    for job in jobs:
        if is_grantable(job, snapshot.now_at):
            _put(lanes, job)
    patched = replace(snapshot, lanes=[lane for lane in lanes.values() if lane.jobs])
    running = {job.id for job in jobs if job.now.attempt is not None and not job.now.stopping}
    asked = set(ids)
    gone = [one for one in snapshot.holders if one.job in asked and one.job not in running]
    return departed(patched, gone)


def _without(lane: Lane, ids: Sequence[JobId]) -> Lane:
    """The lane without these jobs; few of them cost little, however many stand in it."""
    if not lane.jobs:
        return lane
    begin = bisect_left(ids, lane.jobs[0].id)
    inside = ids[begin : bisect_right(ids, lane.jobs[-1].id)]
    if len(inside) <= FEW and not any(_stands_in(lane, id_) for id_ in inside):
        return lane
    gone = set(inside)
    return replace(lane, jobs=[job for job in lane.jobs if job.id not in gone])


def _stands_in(lane: Lane, id_: JobId) -> bool:
    place = bisect_left(lane.jobs, id_, key=lambda job: job.id)
    return place < len(lane.jobs) and lane.jobs[place].id == id_


def _put(lanes: dict[LaneKey, Lane], job: Job) -> None:
    shape = shape_of(job.spec)
    key = LaneKey(job.now.queue, job.now.priority, job.spec.tenant, _number(lanes, job, shape))
    lane = lanes.get(key)
    if lane is None:
        lanes[key] = Lane(key, shape, [job])
    elif not (lane.has_more and lane.jobs and job.id > lane.jobs[-1].id):
        jobs = sorted([*lane.jobs, job], key=lambda one: one.id)
        lanes[key] = replace(lane, jobs=jobs)


def _number(lanes: Mapping[LaneKey, Lane], job: Job, shape: Shape) -> int:
    """The key of a shape: that of a lane which has it, else the job's own."""
    return next((key.shape for key, lane in lanes.items() if lane.shape == shape), job.shape)


def with_worker(snapshot: Snapshot, worker: Worker) -> Snapshot:
    """The snapshot with a worker as it is here; a new one is empty."""
    room = snapshot.rooms.get(worker.name)
    changed = replace(room, worker=worker) if room else Room(worker)
    return replace(snapshot, rooms={**snapshot.rooms, worker.name: changed})


def with_queue(snapshot: Snapshot, queue: Queue) -> Snapshot:
    """The snapshot with a queue as it is here."""
    return replace(snapshot, queues={**snapshot.queues, queue.name: queue})


def drained(worker: Worker, *, is_draining: bool) -> Worker:
    """The worker with its door closed or open."""
    return with_fields(worker, draining=is_draining)
