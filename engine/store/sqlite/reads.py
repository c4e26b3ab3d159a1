"""What is read: plain code on a reading connection, each call at one instant."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.model.attempt import Attempt, Lease
from engine.model.events import Event
from engine.model.ids import MAX_ID, AttemptId, Epoch, JobId, Seq
from engine.model.job import Job, Progress, Shape
from engine.model.priority import Priority
from engine.model.rules import Mode
from engine.model.snapshot import Carried, LaneKey
from engine.model.spec import Surroundings
from engine.model.worker import Count, Queue, Worker
from engine.store import codec, promises
from engine.store.sqlite.connection import QUERIES

Db = sqlite3.Connection

_KEPT = (
    ("the counters", "counts", "recount"),
    ("the counts of arrays", "all_array_counts", "recount_arrays"),
    ("the counts of namespaces", "waiting", "recount_waiting"),
)


def rows(db: Db, name: str, /, **values: object) -> list[codec.Row]:
    """All rows of a named statement."""
    return db.execute(QUERIES[name], values).fetchall()


def one(db: Db, *, name: str, **values: object) -> Any:
    """First column of a named statement's first row; None if it has none."""
    found = db.execute(QUERIES[name], values).fetchall()
    return found[0][0] if found else None


def hidden(db: Db) -> list[tuple[int, int]]:
    """Ranges of ids that belong to open batches."""
    return db.execute(QUERIES["open_batches"]).fetchall()


def jobs(db: Db, ids: Sequence[int]) -> list[Job]:
    """Those of `ids` that are there and visible, in the order asked for."""
    veiled = hidden(db)
    if veiled:
        ids = [i for i in ids if not any(first <= i <= last for first, last in veiled)]
    return [codec.job(row) for row in rows(db, "jobs", ids=codec.encode(ids))]


def found(db: Db, name: str, /, **values: object) -> list[Job]:
    """The jobs whose ids a named statement gives."""
    return jobs(db, [row[0] for row in rows(db, name, **values)])


def carried(db: Db) -> Carried:
    """What the scheduler has last written of its promises and counts."""
    body = one(db, name="meta", key="carried")
    return Carried() if body is None else promises.carried(body)


def modes(db: Db) -> dict[str, Mode]:
    """The modes of backpressure as they were last written."""
    body = one(db, name="meta", key="modes")
    return {} if body is None else promises.modes(body)


def lanes(db: Db) -> list[LaneKey]:
    """Lanes with at least one job that could be granted."""
    read: list[LaneKey] = []
    key = ("", -1, "", -1)
    while key_row := rows(db, "next_lane", **dict(zip(LaneKey._fields, key, strict=True))):
        key = key_row[0]
        read.append(LaneKey(key[0], Priority(key[1]), key[2], key[3]))
    if hidden(db):
        read = [lane_key for lane_key in read if lane(db, lane_key, 0, 1)]
    return read


def lane(db: Db, key: LaneKey, after: int, limit: int) -> list[Job]:
    """Grantable jobs of a lane in order of id."""
    return jobs(db, _lane_ids(db, key, after, MAX_ID, limit))


def before_in_lane(db: Db, key: LaneKey, job: JobId, limit: int) -> int:
    """How many grantable jobs of a lane have a smaller id, counted up to `limit`."""
    return len(_lane_ids(db, key, 0, job, limit))


def _lane_ids(db: Db, key: LaneKey, after: int, below: int, limit: int) -> list[int]:
    ids: list[int] = []
    for low, high in _visible(db, after):
        left = limit - len(ids)
        if left <= 0 or low >= below:
            break
        names = {"queue": key.queue, "priority": int(key.priority), "tenant": key.tenant}
        names |= {"shape": key.shape, "after": low, "below": min(high, below)}
        ids += [row[0] for row in rows(db, "lane", **names, limit=left)]
    return ids


def _visible(db: Db, after: int) -> Iterator[tuple[int, int]]:
    """Open intervals of ids above `after` that no open batch covers."""
    for first, last in hidden(db):
        if last > after:
            yield after, first
            after = last
    yield after, MAX_ID


def due(db: Db, now_at: int, limit: int) -> list[Job]:
    """Jobs with something to do by now."""
    return found(db, "due", now_at=now_at, limit=limit)


def dependents(db: Db, job: JobId, limit: int) -> list[Job]:
    """Pending jobs that depend on `job`."""
    return found(db, "dependents", job=job, limit=limit)


def followers(db: Db, job: JobId, limit: int) -> list[Job]:
    """The first jobs that depend on `job`, in any state."""
    return found(db, "followers", job=job, limit=limit)


def dependencies(db: Db, job: JobId) -> list[Job]:
    """Jobs that `job` depends on."""
    return found(db, "dependencies", job=job)


def settled_dependencies(db: Db, limit: int) -> list[Job]:
    """Pending jobs with a dependency that has ended since they last looked."""
    return found(db, "settled_dependencies", limit=limit)


def open_attempts(db: Db) -> list[tuple[Attempt, Job]]:
    """Attempts that have not ended, with their jobs."""
    attempts = [codec.attempt(row) for row in rows(db, "open_attempts")]
    owners = {job.id: job for job in jobs(db, [attempt.job for attempt in attempts])}
    return [(attempt, owners[attempt.job]) for attempt in attempts]


def attempts(db: Db, job: JobId) -> list[Attempt]:
    """All attempts of a job, oldest first."""
    return [codec.attempt(row) for row in rows(db, "attempts", job=job)]


def leases(db: Db) -> list[Lease]:
    """All live leases."""
    return [codec.lease(row) for row in rows(db, "leases")]


def queues(db: Db) -> list[Queue]:
    """All queues that were configured."""
    return [codec.queue(row) for row in rows(db, "queues")]


def workers(db: Db) -> list[Worker]:
    """All workers."""
    return [codec.worker(row[0]) for row in rows(db, "workers")]


def counts(db: Db) -> list[Count]:
    """All counters that are not zero."""
    return [Count(*row) for row in rows(db, "counts")]


def shapes(db: Db) -> Mapping[int, Shape]:
    """All shapes by key."""
    return {key: codec.shape(body) for key, body in rows(db, "shapes")}


def surroundings(db: Db, key: int) -> Surroundings | None:
    """Surroundings by key."""
    body = one(db, name="surroundings", key=key)
    return None if body is None else codec.surroundings(body)


def events(db: Db, after: int, limit: int, job: JobId | None) -> list[Event]:
    """Events past `after`, oldest first."""
    if job is None:
        found = rows(db, "events", after=after, limit=limit)
    else:
        found = rows(db, "events_of_job", after=after, limit=limit, job=job)
    return [codec.read_event(row) for row in found]


def last_events(db: Db, before: int, limit: int, job: JobId | None) -> list[Event]:
    """The newest events below `before`, oldest first."""
    if job is None:
        found = rows(db, "last_events", before=before, limit=limit)
    else:
        found = rows(db, "last_events_of_job", before=before, limit=limit, job=job)
    return [codec.read_event(row) for row in reversed(found)]


def request(db: Db, key: str) -> tuple[JobId, JobId] | None:
    """The ids that a submission got."""
    found = rows(db, "request", key=key)
    return (JobId(found[0][0]), JobId(found[0][1])) if found else None


def key_holders(db: Db, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str | None], JobId]:
    """The live jobs that have these keys, those of open batches left out."""
    hidden = rows(db, "open_batches")
    found: dict[tuple[str, str | None], JobId] = {}
    for tenant, key in keys:
        for (id_,) in rows(db, "job_with_key", tenant=tenant, key=key):
            if not any(first <= id_ <= last for first, last in hidden):
                found[tenant, key] = JobId(id_)
    return found


def past(db: Db, job: JobId, seq: Seq) -> Progress | None:
    """A job's changing columns when event `seq` was the newest; None before it was there."""
    found = rows(db, "past", job=job, seq=seq)
    if not found:
        return None
    now = codec.progress(found[0])
    seen_since = one(db, name="batch_seq", job=job) if now.version == 0 else 0
    return now if seen_since is not None and seen_since <= seq else None


def check(db: Db) -> list[str]:
    """What is wrong: the file's own check, then the counters against a recount."""
    found = [row[0] for row in db.execute("PRAGMA quick_check(20)") if row[0] != "ok"]
    if found:
        return found
    return [
        f"{kept} do not say what a recount says"
        for kept, told, truth in _KEPT
        if rows(db, told) != rows(db, truth)
    ]


def heard_news(db: Db, jobs: Sequence[JobId]) -> None:
    """Take the news from those jobs whose `unmet` is right."""
    db.execute(QUERIES["heard_news"], {"jobs": codec.encode(jobs)})


def renew(db: Db, attempts: Sequence[AttemptId], epoch: Epoch, at: int, until: int) -> int:
    """Push out leases of this epoch; how many there were."""
    names = {"attempts": codec.encode(attempts), "epoch": epoch, "at": at, "until": until}
    ours = rows(db, "renew_leases", **names)
    evidence = [(at, job, attempt, epoch) for job, attempt in ours]
    db.executemany(QUERIES["renew_evidence"], evidence)
    return len(ours)
