"""Windows into filtered, sorted lists of jobs: plain code on a reading connection.

Statements are put together here from texts of this package alone; what users wrote travels
as parameters.
"""
# ruff: noqa: S608

import sqlite3
from collections.abc import Mapping
from typing import TypeAlias

from engine.errors import InvalidSpec
from engine.model.filter import Query, counts_terms
from engine.model.ids import JobId, Seq
from engine.model.priority import Priority
from engine.store.protocol import Page, Window
from engine.store.sqlite.filter import compile_query
from engine.store.sqlite.reads import hidden, jobs, one, rows
from engine.store.sqlite.sorts import Order, order

COUNT_CAP = 100_000
"""Longer lists are not counted to the end, unless the counters know."""

Condition: TypeAlias = tuple[str, dict[str, object]]

_VISIBLE = (
    "NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL"
    " AND jobs.id BETWEEN b.first AND b.last)"
)


def window(db: sqlite3.Connection, asked: Window) -> Page:
    """The jobs in a window, and where it is.

    Raises:
        InvalidSpec: no such sort, or more than one place to start from.
    """
    wanted = order(asked.sort, descending=asked.descending)
    where = _condition(db, asked.query, asked.now_at, folded=asked.is_folded)
    total, is_exact = _total(db, asked, where)
    offset, count = _extent(db, asked, wanted, where)
    return Page(
        jobs=jobs(db, _ids(db, wanted, where, offset, count)),
        offset=offset,
        total=total,
        total_is_exact=is_exact,
        seq=Seq(one(db, name="head")),
    )


def matching(db: sqlite3.Connection, query: Query, now_at: int, limit: int) -> list[JobId]:
    """Ids of the jobs that match, smallest first."""
    where = _condition(db, query, now_at)
    by_id = order("id", descending=False)
    return [JobId(found) for found in _ids(db, by_id, where, 0, limit)]


def _condition(
    db: sqlite3.Connection, query: Query, now_at: int, *, folded: bool = False
) -> Condition:
    sql, names = ("1", {}) if query.is_empty else compile_query(query, now_at)
    if folded:
        sql = f"({sql}) AND array IS NULL"
    return (f"({sql}) AND {_VISIBLE}" if hidden(db) else sql), names


def _extent(
    db: sqlite3.Connection, asked: Window, wanted: Order, where: Condition
) -> tuple[int, int]:
    """Offset and length of the window."""
    anchors = [asked.after, asked.before, asked.around, asked.at]
    if sum(anchor is not None for anchor in anchors) > 1:
        raise InvalidSpec("a window starts at one place: at, after, before or around")
    count = max(asked.count, 0)
    if asked.after is not None:
        offset, is_in = _place(db, asked.after, wanted, where)
        return offset + is_in, count
    if asked.before is not None:
        end, _ = _place(db, asked.before, wanted, where)
        return max(end - count, 0), min(count, end)
    if asked.around is not None:
        offset, _ = _place(db, asked.around, wanted, where)
        return max(offset - count // 2, 0), count
    return max(asked.at or 0, 0), count


def _place(
    db: sqlite3.Connection, job: JobId, wanted: Order, where: Condition
) -> tuple[int, bool]:
    """How many stand before a job, and whether it is in the list itself."""
    sql, names = where
    place = db.execute(
        f"SELECT {wanted.columns} FROM jobs WHERE id = :anchor", {"anchor": job}
    ).fetchone()
    if place is None:
        return 0, False
    before, places = wanted.before(place)
    values = {**names, **places, "anchor": job}
    offset = db.execute(f"SELECT count(*) FROM jobs WHERE ({sql}) AND {before}", values)
    found = db.execute(f"SELECT 1 FROM jobs WHERE id = :anchor AND ({sql})", values)
    return offset.fetchone()[0], found.fetchone() is not None


def _ids(
    db: sqlite3.Connection, wanted: Order, where: Condition, offset: int, count: int
) -> list[int]:
    sql, names = where
    values = {**names, "count": count, "offset": offset}
    found = db.execute(
        f"SELECT id FROM jobs WHERE {sql} ORDER BY {wanted.by} LIMIT :count OFFSET :offset",
        values,
    )
    return [row[0] for row in found]


def _total(db: sqlite3.Connection, asked: Window, where: Condition) -> tuple[int, bool]:
    terms = counts_terms(asked.query)
    if terms is not None and not asked.is_folded:
        return _counted(db, terms), True
    if terms is not None and terms.keys() <= {"state"}:
        return _counted(db, terms) - _members(db, terms), True
    sql, names = where
    found: int = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM jobs WHERE {sql} LIMIT :cap)",
        {**names, "cap": COUNT_CAP + 1},
    ).fetchone()[0]
    return min(found, COUNT_CAP), found <= COUNT_CAP


def _counted(db: sqlite3.Connection, terms: Mapping[str, frozenset[str]]) -> int:
    total = 0
    for queue, tenant, priority, state, number in rows(db, "counts"):
        label = Priority(priority).label
        words = {"queue": queue, "tenant": tenant, "prio": label, "state": state}
        total += number * all(words[field] in passing for field, passing in terms.items())
    return total


def _members(db: sqlite3.Connection, terms: Mapping[str, frozenset[str]]) -> int:
    """How many members of arrays pass; they are counted by state alone."""
    counted = rows(db, "members_by_state")
    return sum(number for state, number in counted if state in terms.get("state", {state}))
