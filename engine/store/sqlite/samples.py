"""What attempts used over time: rows in, rows out."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Usage
from engine.store.sqlite.connection import QUERIES

Points = Mapping[AttemptId, Sequence[Usage]]
Row = tuple[str, int, int, int, int, int | None]


def keep(db: sqlite3.Connection, epoch: Epoch, points: Points, instead: Points) -> None:
    """As `Store.keep_samples`."""
    (newest, _) = db.execute(QUERIES["begin_group"]).fetchone()
    if newest != epoch:
        return
    db.executemany(QUERIES["drop_samples"], ((attempt,) for attempt in instead))
    db.executemany(QUERIES["put_sample"], _rows(points))
    db.executemany(QUERIES["put_sample"], _rows(instead))


def read(db: sqlite3.Connection, attempts: Sequence[AttemptId]) -> dict[AttemptId, list[Usage]]:
    """As `Store.samples`."""
    found: dict[AttemptId, list[Usage]] = {}
    named = {"attempts": json.dumps(attempts)}
    for attempt, *values in db.execute(QUERIES["samples"], named):
        found.setdefault(AttemptId(attempt), []).append(_usage(values))
    return found


def _rows(points: Points) -> Iterator[Row]:
    for attempt, usages in points.items():
        for one in usages:
            yield attempt, one.at, one.cpu_ms, one.memory_mb, one.processes, one.gpu_mb


def _usage(values: Iterable[int]) -> Usage:
    at, cpu_ms, memory_mb, processes, gpu_mb = values
    return Usage(at=at, cpu_ms=cpu_ms, memory_mb=memory_mb, processes=processes, gpu_mb=gpu_mb)
