"""Flows on SQLite: what is read, plain code on a reading connection."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence

import msgspec

from engine.model.awaited import Awaited
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.model.workflow import Flow, TaskResult
from engine.store import codec
from engine.store.sqlite.reads import found, jobs, one, rows

_flow: msgspec.json.Decoder[Flow] = msgspec.json.Decoder(Flow)


def awaited(db: sqlite3.Connection, ids: Sequence[JobId]) -> dict[JobId, Awaited]:
    """How the dependencies of jobs stand; those that wait for nothing are left out."""
    seen = rows(db, "awaited", jobs=codec.encode(ids))
    broken = {job.id: job for job in jobs(db, [row[3] for row in seen if row[3]])}
    return {JobId(job): Awaited(total, unmet, broken.get(on)) for job, total, unmet, on in seen}


def flow(db: sqlite3.Connection, composite: JobId) -> Flow | None:
    """One flow."""
    body = one(db, name="flow", id=composite)
    return None if body is None else _flow.decode(body)


def flows(db: sqlite3.Connection, name: str, /, **values: object) -> list[Flow]:
    """The flows that a named statement gives."""
    return [_flow.decode(body) for (body,) in rows(db, name, **values)]


def runs(db: sqlite3.Connection, name: str | None, below: JobId, limit: int) -> list[Flow]:
    """Runs that people started, newest first."""
    if name is None:
        return flows(db, "runs", below=below, limit=limit)
    return flows(db, "runs_of", name=name, below=below, limit=limit)


def next_run(db: sqlite3.Connection, name: str) -> int:
    """The number of the next run of a workflow."""
    number: int = one(db, name="next_run", of=name)
    return number


def tasks(db: sqlite3.Connection, flow: JobId, after: JobId, limit: int) -> list[Job]:
    """Children of a flow past an id, in order of id."""
    return found(db, "tasks", flow=flow, after=after, limit=limit)


def task_number(db: sqlite3.Connection, flow: JobId) -> int:
    """How many children a flow has."""
    number: int = one(db, name="task_number", flow=flow)
    return number


def tasks_in(
    db: sqlite3.Connection, flow: JobId, states: Collection[State], after: JobId, limit: int
) -> list[Job]:
    """As `tasks`, only those in these states."""
    asked = codec.encode(sorted(state.value for state in states))
    return found(db, "tasks_in", flow=flow, states=asked, after=after, limit=limit)


def task_ids(db: sqlite3.Connection, flow: JobId, names: Sequence[str]) -> Mapping[str, JobId]:
    """Which job a task of this name is."""
    asked = rows(db, "task_ids", flow=flow, names=codec.encode(names))
    return {name: JobId(job) for name, job in asked}


def results(db: sqlite3.Connection, ids: Sequence[JobId]) -> Mapping[JobId, TaskResult]:
    """What these jobs had to say."""
    return {
        JobId(job): TaskResult(job=job, attempt=attempt, at=at, body=msgspec.Raw(body))
        for job, attempt, at, body in rows(db, "results", jobs=codec.encode(ids))
    }


def said_by(
    db: sqlite3.Connection, ids: Sequence[JobId]
) -> tuple[list[Job], Mapping[JobId, TaskResult]]:
    """Jobs, and what they had to say."""
    return jobs(db, ids), results(db, ids)


def definition(db: sqlite3.Connection, digest: str) -> bytes | None:
    """The JSON from which a workflow was made."""
    body: bytes | None = one(db, name="definition", digest=digest)
    return body
