"""What is read of a moment that is past: plain code on a reading connection."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.states import Phase, State
from engine.model.worker import Queue, Worker
from engine.store import codec
from engine.store.sqlite import reads, tallies
from engine.store.sqlite.source import Source, job_then, jobs_then, one, rows

Db = sqlite3.Connection
T = TypeVar("T")

MOST_MEMBERS = 20_000
"""Members of an array that are counted as of a past moment; of a larger one nothing is told."""


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


def queues(db: Db, moment: Seq) -> list[Queue]:
    """All queues that had been configured."""
    return _places(db, "queue", moment, codec.queue_of)


def workers(db: Db, moment: Seq) -> list[Worker]:
    """All workers that there were."""
    return _places(db, "worker", moment, codec.worker)


def _places(db: Db, kind: str, moment: Seq, read: Callable[[str], T]) -> list[T]:
    found = rows(db, "places", kind=kind, moment=moment)
    return [read(body) for _, body in found if body is not None]


def array(db: Db, composite: JobId, moment: Seq) -> Array | None:
    """One array; one that is older than what is kept of arrays as it is now."""
    found = rows(db, "place", kind="array", name=str(composite), moment=moment)
    return codec.array_of(found[0][0]) if found else tallies.array(db, composite)


def array_counts(
    db: Db, composites: Sequence[JobId], moment: Seq
) -> dict[JobId, dict[str, int]]:
    """Members of arrays by state; of very large arrays nothing is told."""
    counts: dict[JobId, dict[str, int]] = {}
    for composite in composites:
        found = tallies.array(db, composite)
        if found is not None and found.count <= MOST_MEMBERS:
            names = {"first": found.first, "last": found.last, "moment": moment}
            counts[composite] = dict(rows(db, "members_until", **names))
    return counts


def members(db: Db, composite: JobId, source: Source, offset: int, limit: int) -> list[Job]:
    """Members of an array from a place on, in order of id."""
    names = {"array": composite, "offset": max(offset, 0), "limit": limit}
    return jobs_then(db, source, [id_ for (id_,) in reads.rows(db, "members", **names)])
