"""What is read of many jobs at once: how they wait, arrays, goals, sessions, run times."""

import sqlite3
from collections.abc import Mapping, Sequence

from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.store import codec
from engine.store.protocol import Standing
from engine.store.sqlite.reads import found, hidden, rows

Db = sqlite3.Connection

_WAY = ("mark", "state", "queue", "priority", "tenant", "shape")


def standings(db: Db, queue: str | None) -> list[Standing]:
    """All jobs that wait, or those of one queue, counted by how they stand."""
    if queue is None:
        counted = rows(db, "standings")
    else:
        counted = rows(db, "standings_in_queue", queue=queue)
    return [Standing(*row) for row in counted]


def arrays(db: Db) -> list[Array]:
    """Arrays whose composite job has not ended."""
    veiled = hidden(db)
    read = [codec.array(row) for row in rows(db, "arrays")]
    return [a for a in read if not any(first <= a.id <= last for first, last in veiled)]


def array(db: Db, composite: JobId) -> Array | None:
    """One array."""
    read = rows(db, "array", id=composite)
    return codec.array(read[0]) if read else None


def array_counts(db: Db, composites: Sequence[JobId]) -> dict[JobId, Mapping[str, int]]:
    """How many members of each array are in each state."""
    counts: dict[JobId, dict[str, int]] = {composite: {} for composite in composites}
    for composite, state, number in rows(db, "array_counts", ids=codec.encode(composites)):
        counts[composite][state] = number
    return dict(counts)


def members(db: Db, composite: JobId, offset: int, limit: int) -> list[Job]:
    """Members of an array from a place on, in order of id."""
    return found(db, "members", array=composite, offset=max(offset, 0), limit=limit)


def waiting_by_namespace(db: Db) -> dict[tuple[str, str], int]:
    """How many jobs wait, by tenant and namespace."""
    return {(tenant, space): number for tenant, space, number in rows(db, "waiting")}


def goal_holders(db: Db) -> list[Job]:
    """Live jobs with a goal that have started at least once."""
    return found(db, "goal_holders")


def last_workers(db: Db, limit: int) -> dict[str, str]:
    """Where each of the newest sessions ran last."""
    return dict(rows(db, "last_workers", limit=limit))


def run_times_ms(db: Db, name: str, queue: str, limit: int) -> list[int]:
    """How long the newest successes took; none are known of jobs without a name."""
    times = rows(db, "run_times", name=name, queue=queue, limit=limit)
    return [max(us // 1000, 0) for (us,) in times]


def shapes_in_use(db: Db) -> set[int]:
    """Shapes of live jobs: one step of an index for each way to wait."""
    shapes = {shape for (shape,) in rows(db, "running_shapes")}
    way: codec.Row = ("", "", "", -1, "", -1)
    while step := rows(db, "next_standing", **dict(zip(_WAY, way, strict=True))):
        way = step[0]
        shapes.add(way[-1])
    return shapes
