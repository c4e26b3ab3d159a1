"""Finding events: plain code on a reading connection, at a bounded price.

Statements are put together here from texts of this package alone; what users wrote travels
as parameters.
"""
# ruff: noqa: S608

import re
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias, TypeVar

from engine.model.event_filter import job_passing, times_passing, types_passing
from engine.model.events import Event, EventType
from engine.model.filter import Query
from engine.model.ids import Seq
from engine.store import codec
from engine.store.event_log import EventDensity, EventSlice, EventWindow
from engine.store.sqlite import event_bins
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.event_density import density
from engine.store.sqlite.event_filter import compile_events

T = TypeVar("T")

SCANNED: Final = 100_000
"""Events that one question looks at, at most."""

_COLUMNS: Final = "seq, at, type, job, attempt, worker, tenant, actor, cause, data"
_ALL: Final = "WHERE 1"
_OF_JOB: Final = "INDEXED BY events_of_job WHERE job IS NOT NULL AND job = :of_job"
_PROBLEMS: Final = QUERIES["problems"].partition("events ")[2]

INDEXED: Final = frozenset(map(EventType, re.findall(r"'([\w.]+)'", _PROBLEMS)))
"""The kinds of events that the index of problems has."""

Names: TypeAlias = dict[str, object]


class EventReads:
    """The part of a store on SQLite that is `engine.store.event_log.EventLog`."""

    async def _list(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def find_events(self, window: EventWindow) -> EventSlice:
        return await self._list(partial(find, asked=window))

    async def event_density(
        self, query: Query, start_at: int, bucket_s: int, count: int, now_at: int
    ) -> EventDensity:
        work = partial(
            density,
            query=query,
            start_at=start_at,
            bucket_s=bucket_s,
            count=count,
            now_at=now_at,
        )
        return await self._list(work)

    async def event_span(self) -> tuple[int, int] | None:
        return await self._list(event_bins.span)


def find(db: sqlite3.Connection, asked: EventWindow) -> EventSlice:
    """As `EventLog.find_events`."""
    after, before = _ends(db, asked)
    route, names = _route(asked.query)
    edge = _edge(db, route, names, asked, (after, before))
    reached = edge
    if edge is None:
        reached = min(after + 1, before) if asked.last else max(before - 1, after)
    elif asked.last:
        after = edge - 1
    else:
        before = edge + 1
    events = _passing(db, route, names, asked, (after, before))
    if events and len(events) == asked.limit:
        reached, edge = events[-1].seq, events[-1].seq
    return EventSlice(
        events=events[::-1] if asked.last else events,
        reached=Seq(reached or 0),
        is_whole=edge is None,
    )


def _passing(
    db: sqlite3.Connection, route: str, names: Names, asked: EventWindow, ends: tuple[int, int]
) -> list[Event]:
    """From the near end on."""
    condition, values = compile_events(asked.query, asked.now_at)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM events {route} AND seq > :after AND seq < :before"
        f" AND {condition} ORDER BY seq {_way(asked)} LIMIT :limit",
        names | values | {"after": ends[0], "before": ends[1], "limit": asked.limit},
    )
    return [codec.read_event(row) for row in rows]


def _edge(
    db: sqlite3.Connection, route: str, names: Names, asked: EventWindow, ends: tuple[int, int]
) -> int | None:
    """The last event that may be looked at; None: all of the window may."""
    after, before = ends
    if before - after - 1 <= SCANNED:
        return None
    if not names and route == _ALL:
        return before - SCANNED if asked.last else after + SCANNED
    found = db.execute(
        f"SELECT seq FROM events {route} AND seq > :after AND seq < :before"
        f" ORDER BY seq {_way(asked)} LIMIT 1 OFFSET :scanned",
        names | {"after": after, "before": before, "scanned": SCANNED - 1},
    ).fetchone()
    return None if found is None else int(found[0])


def _way(asked: EventWindow) -> str:
    return "DESC" if asked.last else "ASC"


def _ends(db: sqlite3.Connection, asked: EventWindow) -> tuple[int, int]:
    """The window, as much narrower as the times of the filter allow."""
    low, high = event_bins.seqs_between(db, *times_passing(asked.query, asked.now_at))
    head = db.execute(QUERIES["head"]).fetchone()[0]
    after = max(asked.after, 0 if low is None else low - 1)
    before = min(asked.before, head + 1, head + 1 if high is None else high + 1)
    return min(after, head), before


def _route(query: Query) -> tuple[str, Names]:
    """The index that has all events which may pass, and its condition."""
    job = job_passing(query)
    if job is not None:
        return _OF_JOB, {"of_job": job}
    return (_PROBLEMS if types_passing(query) <= INDEXED else _ALL), {}
