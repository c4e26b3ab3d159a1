"""What if: the real planner over the next grants, on snapshots that nobody else has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Final

from msgspec.structs import replace as with_fields

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.snapshot import (
    Holder,
    Lane,
    LaneKey,
    Room,
    Snapshot,
)
from engine.model.worker import Queue, Worker
from engine.policy.departure import departed
from engine.policy.readiness import is_grantable
from engine.policy.scheduler import after, schedule
from engine.policy.shapes import shape_of

GRANTS: Final = 256
"""How far ahead is looked."""

ASSUMED_MS: Final = 60_000
"""How long a job is taken to run if of no job at all it is known."""

MOST_ROUNDS: Final = 300

STEPS: Final = 32
"""Where many run, so many parts of them end at a time: a forecast is no simulation."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job comes among the next grants."""

    job: Job
    place: int
    """From 1."""
    starts_at: int
    worker: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A job that would start at another time; None: not among the next grants."""

    job: Job
    was: Place | None
    now: Place | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What an act would change, in order of the new start."""

    earlier: Sequence[Moved]
    later: Sequence[Moved]
    unchanged: int


def assumed_ms(snapshot: Snapshot) -> int:
    """The median of the lengths that are known of what runs and waits; else a minute."""
    known = [
        (one.ends_at - one.started_at) // 1000
        for one in snapshot.holders
        if one.ends_at is not None and one.started_at is not None
    ]
    known += [
        length
        for lane in snapshot.lanes
        for job in lane.jobs[:1]
        if (length := job.spec.estimated_duration_ms) is not None
    ]
    return max(1, median_low(known)) if known else ASSUMED_MS


def forecast(snapshot: Snapshot, assumed: int, grants: int = GRANTS) -> Mapping[JobId, Place]:
    """Who starts next, where and about when, if nothing new comes and nothing fails.

    Attempts end when they are expected to, others after `assumed` milliseconds, and what
    they hold goes back. Time stands still while there is something to grant.
    """
    found: dict[JobId, Place] = {}
    for _ in range(MOST_ROUNDS):
        plan = schedule(snapshot, grants - len(found))
        for start in plan.starts:
            place = len(found) + 1
            found[start.job.id] = Place(start.job, place, snapshot.now_at, start.worker)
        if len(found) >= grants or not snapshot.granting:
            break
        later = _next_moment(after(snapshot, plan), assumed, plan.look_again_at)
        if later is None:
            break
        snapshot = later
    return found


def difference(was: Mapping[JobId, Place], now: Mapping[JobId, Place]) -> Difference:
    """Who starts earlier or later than before; in order of the new start, then of the old."""
    earlier: list[Moved] = []
    later: list[Moved] = []
    for id_ in {**now, **was}:
        before, then = was.get(id_), now.get(id_)
        moved = Moved((then or before or was[id_]).job, before, then)
        order = _when(then), _when(before)
        if order[0] < order[1]:
            earlier.append(moved)
        elif order[0] > order[1]:
            later.append(moved)
    unchanged = len({**now, **was}) - len(earlier) - len(later)
    return Difference(earlier, later, unchanged)


def _when(place: Place | None) -> tuple[bool, int, int]:
    return (True, 0, 0) if place is None else (False, place.starts_at, place.place)


def _next_moment(snapshot: Snapshot, assumed: int, look_at: int | None) -> Snapshot | None:
    """The snapshot once something has ended or time lets a job start; None if never."""
    if not any(lane.jobs for lane in snapshot.lanes):
        return None
    ends = sorted(
        ((_end(one, snapshot.now_at, assumed), one) for one in snapshot.holders),
        key=lambda end: (end[0], end[1].job),
    )
    moments = [ends[len(ends) // STEPS][0]] if ends else []
    if look_at is not None and look_at > snapshot.now_at:
        moments.append(look_at)
    if not moments:
        return None
    then = min(moments)
    gone = [holder for end, holder in ends if end <= then]
    return replace(departed(snapshot, gone), now_at=max(then, snapshot.now_at))


def _end(holder: Holder, now_at: int, assumed: int) -> int:
    """When an attempt is taken to end; one that is overdue ends at once."""
    if holder.ends_at is not None:
        return max(holder.ends_at, now_at)
    return max((holder.started_at or now_at) + assumed * 1000, now_at)


def with_jobs(snapshot: Snapshot, jobs: Sequence[Job]) -> Snapshot:
    """The snapshot with these jobs as they are here, where they belong.

    One that could start stands in its lane in order of its id, as if it had been in the
    window, unless others lie between that are in no window: then it is out of sight. One
    that could not is in no lane; one that has ended, or is told to, holds nothing any more.
    """
    ids = {job.id for job in jobs}
    lanes: dict[LaneKey, Lane] = {}
    for lane in snapshot.lanes:
        left = [job for job in lane.jobs if job.id not in ids]
        lanes[lane.key] = replace(lane, jobs=left)
    for job in jobs:
        if is_grantable(job, snapshot.now_at):
            _put(lanes, job)
    patched = replace(snapshot, lanes=[lane for lane in lanes.values() if lane.jobs])
    running = {job.id for job in jobs if job.now.attempt is not None and not job.now.stopping}
    gone = [one for one in snapshot.holders if one.job in ids and one.job not in running]
    return departed(patched, gone)


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
