"""What is read of a moment that is past: plain code on a reading connection."""
# ruff: noqa: S608

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.states import Phase, State
from engine.model.worker import Queue, Worker
from engine.store import codec, promises
from engine.store.moments import Blocked
from engine.store.protocol import Standing
from engine.store.sqlite import reads, tallies
from engine.store.sqlite.source import Source, job_then, jobs_then, one, rows

Db = sqlite3.Connection
T = TypeVar("T")

MOST_EVENTS = 100_000
"""Of more events of a minute only the newest are counted."""

MOST_LOOKED = 5_000
"""So many events are looked through for what was said of a queue."""

MOST_MEMBERS = 20_000
"""Members of an array that are counted as of a past moment; of a larger one nothing is told."""

MOST_TASKS = 50_000
"""Tasks of flows that one answer counts as of a past moment."""


def horizon(db: Db) -> Seq:
    """The first event as of which everything is known."""
    return Seq(one(db, "horizon") or 0)


def moment_at(db: Db, at: int) -> Seq:
    """The last event before the log's clock passed `at`; 0 if that was before the horizon."""
    head = Seq(reads.one(db, name="head"))
    until = one(db, "checkpoint_after_clock", at=at)
    after = one(db, "checkpoint_below", below=head + 1 if until is None else until)
    if after is None:
        return Seq(0)
    last = head if until is None else until
    later = one(db, "first_later_than", after=after, until=last, at=at)
    return head if later is None else Seq(later - 1)


def instant_of(db: Db, moment: Seq) -> int:
    """When the last event up to one happened; 0 if there is none."""
    return one(db, "clock_until", moment=moment) or 0


def attempts(db: Db, job: JobId, source: Source) -> list[Attempt]:
    """Those that the log tells of, the open one without its end."""
    assert source.moment is not None
    owner = job_then(db, source, job)
    if owner is None:
        return []
    known = {name for (name,) in rows(db, "attempts_until", job=job, moment=source.moment)}
    return [_as_of(one, owner) for one in reads.attempts(db, job) if one.id in known]


def _as_of(attempt: Attempt, job: Job) -> Attempt:
    if job.now.attempt != attempt.id:
        return attempt
    is_running = job.now.state is State.RUNNING
    open_ = replace(
        attempt,
        phase=Phase.RUNNING if is_running else Phase.INTENT,
        ended_at=None,
        verdict=None,
        exit_code=None,
        signal=None,
        trouble=None,
    )
    return open_ if is_running else replace(open_, started_at=None, pid=None)


def dependencies(db: Db, job: JobId, source: Source) -> list[Job]:
    """Jobs that `job` depends on."""
    return jobs_then(db, source, [id_ for (id_,) in reads.rows(db, "dependencies", job=job)])


def dependents(db: Db, job: JobId, source: Source, limit: int) -> list[Job]:
    """Jobs that depended on `job` and were pending, among the first of them."""
    ids = [id_ for (id_,) in reads.rows(db, "followers", job=job, limit=limit)]
    found = jobs_then(db, source, ids)
    return [one for one in found if one.now.state is State.PENDING]


def followers(db: Db, job: JobId, source: Source, limit: int) -> list[Job]:
    """The first jobs that depended on `job`, in any state."""
    ids = [id_ for (id_,) in reads.rows(db, "followers", job=job, limit=limit)]
    return jobs_then(db, source, ids)


def running(db: Db, source: Source, limit: int) -> list[Job]:
    """Jobs with an attempt of which something ran, by activity."""
    sql = " UNION ALL ".join(
        f"SELECT id, rank, rank_key FROM {arm} WHERE rank <= 1 AND attempt IS NOT NULL"
        for arm in source.arms
    )
    sql += " ORDER BY rank, rank_key, id LIMIT :limit"
    found = db.execute(sql, {**source.names, "limit": limit})
    return jobs_then(db, source, [id_ for id_, _, _ in found])


def standings(db: Db, source: Source, queue: str | None) -> list[Standing]:
    """All jobs that waited, or those of one queue, counted by how they stood."""
    names = "queue, priority, tenant, shape, state, mark"
    where = "mark IS NOT NULL" + ("" if queue is None else " AND queue = :queue")
    parts = " UNION ALL ".join(
        f"SELECT {names}, id, state_at FROM {arm} WHERE {where}" for arm in source.arms
    )
    found = db.execute(
        f"SELECT {names}, count(*), min(id), min(state_at) FROM ({parts}) GROUP BY {names}",
        {**source.names, "queue": queue},
    )
    return [Standing(*row) for row in found]


def flows(db: Db, moment: Seq, since: Seq) -> dict[tuple[str, EventType], int]:
    """What became of jobs by queue, of the newest events past `since`."""
    after = max(since, moment - MOST_EVENTS)
    found = rows(db, "flows", since=after, moment=moment)
    return {(queue, EventType(kind)): number for queue, kind, number in found}


def blocked(db: Db, job: JobId, queue: str, moment: Seq) -> Blocked | None:
    """What the log last said of why a job could not start; or one of its queue."""
    names = {"queue": queue, "after": moment - MOST_LOOKED, "moment": moment}
    found = rows(db, "blocked", job=job, moment=moment)
    found = found or rows(db, "blocked_in_queue", **names)
    return Blocked(*found[0]) if found else None


def arrays(db: Db, source: Source) -> list[Array]:
    """Arrays whose composite job had not ended."""
    assert source.moment is not None
    ids = [id_ for (id_,) in rows(db, "arrays_until", moment=source.moment)]
    seen = [job.id for job in jobs_then(db, source, sorted(ids))]
    found = (array(db, id_, source.moment) for id_ in seen)
    return [one for one in found if one is not None]


def queues(db: Db, moment: Seq) -> list[Queue]:
    """All queues that had been configured."""
    return _places(db, "queue", moment, codec.queue_of)


def workers(db: Db, moment: Seq) -> list[Worker]:
    """All workers that there were."""
    return _places(db, "worker", moment, codec.worker)


def _places(db: Db, kind: str, moment: Seq, read: Callable[[str], T]) -> list[T]:
    found = rows(db, "places", kind=kind, moment=moment)
    return [read(body) for _, body in found if body is not None]


def modes(db: Db, moment: Seq) -> dict[str, Mode]:
    """Backpressure of each queue where it was not normal."""
    found = rows(db, "place", kind="modes", name="", moment=moment)
    return promises.modes(found[0][0]) if found else {}


def array(db: Db, composite: JobId, moment: Seq) -> Array | None:
    """One array; one that is older than what is kept of arrays as it is now."""
    found = rows(db, "place", kind="array", name=str(composite), moment=moment)
    return codec.array_of(found[0][0]) if found else tallies.array(db, composite)


def array_counts(
    db: Db, composites: Sequence[JobId], moment: Seq
) -> dict[JobId, dict[str, int]]:
    """Members of arrays, and tasks of flows, by state; of very many nothing is told.

    Tasks are counted until they are too many; of the flows that are left nothing is told.
    """
    counts: dict[JobId, dict[str, int]] = {}
    left = MOST_TASKS
    for composite in composites:
        found = tallies.array(db, composite)
        if found is None:
            left -= reads.one(db, name="task_number", flow=composite)
            if left >= 0:
                counts[composite] = dict(rows(db, "tasks_until", flow=composite, moment=moment))
        elif found.count <= MOST_MEMBERS:
            names = {"first": found.first, "last": found.last, "moment": moment}
            counts[composite] = dict(rows(db, "members_until", **names))
    return counts


def members(db: Db, composite: JobId, source: Source, offset: int, limit: int) -> list[Job]:
    """Members of an array from a place on, in order of id."""
    names = {"array": composite, "offset": max(offset, 0), "limit": limit}
    return jobs_then(db, source, [id_ for (id_,) in reads.rows(db, "members", **names)])
