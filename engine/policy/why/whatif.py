"""What if: the real planner over the next grants, on snapshots that nobody else has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.snapshot import (
    Holder,
    Snapshot,
)
from engine.policy.scheduling.scheduler import after, schedule
from engine.policy.why.departure import departed

GRANTS: Final = 256
"""How far ahead is looked."""

ASSUMED_MS: Final = 60_000
"""How long a job is taken to run if of no job at all it is known."""

MOST_ROUNDS: Final = 300
"""A forecast that takes more breaks off."""

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


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next grants, as far as they were looked at."""

    places: Mapping[JobId, Place]
    at: int
    """The instant up to which nothing is missing; later, if `is_whole`."""
    is_whole: bool
    """All that was asked for was looked at; else there was no time to go on."""
    displaced: Sequence[JobId] = ()
    """Jobs that would have to make room, in that order; they are not seen coming back."""


def forecast(
    snapshot: Snapshot,
    assumed: int,
    grants: int = GRANTS,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Forecast:
    """Who starts next, where and about when, if nothing new comes and nothing fails.

    Attempts end when they are expected to, others after `assumed` milliseconds, and what
    they hold goes back; those that are displaced end at once. Time stands still while there
    is something to grant.

    Args:
        snapshot: Nobody else's, if this runs in a thread of its own; see `frozen`.
        assumed: Milliseconds, at least 1.
        grants: Where to stop.
        may_go_on: Asked before each round but the first; false ends it there.
    """
    found: dict[JobId, Place] = {}
    gone: list[JobId] = []
    for number in range(MOST_ROUNDS):
        if number and not may_go_on():
            break
        plan = schedule(snapshot, grants - len(found))
        for start in plan.starts:
            place = len(found) + 1
            found[start.job.id] = Place(start.job, place, snapshot.now_at, start.worker)
        if len(found) >= grants or not snapshot.granting:
            return Forecast(found, snapshot.now_at, is_whole=True, displaced=gone)
        if plan.displaced:
            gone += [one.holder.job for one in plan.displaced]
            left = [one.holder for one in plan.displaced]
            snapshot = departed(after(snapshot, plan), left)
            continue
        later = _next_moment(after(snapshot, plan), assumed, plan.look_again_at)
        if later is None:
            return Forecast(found, snapshot.now_at, is_whole=True, displaced=gone)
        snapshot = later
    return Forecast(found, snapshot.now_at - 1, is_whole=False, displaced=gone)


def seen_by_both(one: Forecast, other: Forecast) -> tuple[Forecast, Forecast]:
    """Both forecasts up to where the shorter one breaks off, so that they can be compared."""
    ends = [each.at for each in (one, other) if not each.is_whole]
    if not ends:
        return one, other
    first, last = (_up_to(each, min(ends)) for each in (one, other))
    return first, last


def _up_to(seen: Forecast, at: int) -> Forecast:
    places = {id_: place for id_, place in seen.places.items() if place.starts_at <= at}
    return Forecast(places, at, is_whole=False, displaced=seen.displaced)


def difference(one: Forecast, other: Forecast) -> Difference:
    """Who starts earlier or later in the other; in order of the new start, then of the old.

    Where one of them breaks off, nothing is said of what comes later.
    """
    was, now = (seen.places for seen in seen_by_both(one, other))
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
