"""Counting events by time: from the stretches that the writer keeps, or a bounded look."""
# ruff: noqa: S608 - put together from texts of this package alone

import sqlite3
from collections.abc import Mapping
from typing import Final, TypeAlias

from engine.model.event_filter import asks_types_alone, types_passing
from engine.model.events import EventType
from engine.model.filter import Query
from engine.store.event_log import COARSE_S, FINE_S, EventDensity, bucket_width_s
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.event_bins import SECOND, seqs_between
from engine.store.sqlite.event_filter import compile_events

COUNTED: Final = 200_000
"""Events that one question looks at, where the stretches cannot answer it."""

Row: TypeAlias = tuple[int, str, int]


def density(
    db: sqlite3.Connection,
    query: Query,
    start_at: int,
    bucket_s: int,
    count: int,
    now_at: int,
) -> EventDensity:
    """As `EventLog.event_density`."""
    bucket_s = bucket_width_s(bucket_s, count)
    width_s = FINE_S if bucket_s % COARSE_S else COARSE_S
    start_at -= start_at % (width_s * SECOND)
    end_at = start_at + bucket_s * count * SECOND
    if asks_types_alone(query):
        rows, since = _kept(db, width_s, start_at, end_at, bucket_s), None
    else:
        rows, since = _looked(db, query, now_at, (start_at, end_at), bucket_s)
    kinds = {kind.value: kind for kind in types_passing(query)}
    return EventDensity(
        start_at=start_at,
        bucket_s=bucket_s,
        buckets=_buckets(rows, count, kinds),
        counted_from_at=since,
    )


def _kept(
    db: sqlite3.Connection, width_s: int, start_at: int, end_at: int, bucket_s: int
) -> list[Row]:
    names = {"width": width_s, "start": start_at, "end": end_at, "bucket": bucket_s * SECOND}
    return db.execute(QUERIES["event_bins"], names).fetchall()


def _looked(
    db: sqlite3.Connection, query: Query, now_at: int, times: tuple[int, int], bucket_s: int
) -> tuple[list[Row], int | None]:
    """The newest events of these times, one by one, and since when if they are not all."""
    start_at, end_at = times
    low, high = seqs_between(db, start_at, end_at)
    low, high = low or 0, high or 0
    first = max(low, high - COUNTED + 1)
    condition, values = compile_events(query, now_at)
    names = {"first": first, "last": high, "start": start_at, "end": end_at}
    rows = db.execute(
        "SELECT (at - :start) / :bucket, type, count(*) FROM events"
        " WHERE seq BETWEEN :first AND :last AND at >= :start AND at < :end"
        f" AND {condition} GROUP BY 1, 2",
        names | {"bucket": bucket_s * SECOND} | values,
    ).fetchall()
    if first <= low:
        return rows, None
    since = db.execute(QUERIES["event_at"], {"seq": first}).fetchone()
    return rows, max(since[0], start_at) if since and since[0] < end_at else None


def _buckets(
    rows: list[Row], count: int, kinds: Mapping[str, EventType]
) -> tuple[Mapping[EventType, int], ...]:
    buckets: list[dict[EventType, int]] = [{} for _ in range(count)]
    for place, kind, number in rows:
        if kind in kinds:
            buckets[place][kinds[kind]] = number
    return tuple(buckets)
