"""Windows into filtered, sorted lists of jobs: plain code on a reading connection.

Statements are put together here from texts of this package alone; what users wrote travels
as parameters.
"""
# ruff: noqa: S608

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.errors import InvalidSpec
from engine.model.filter import Query, counts_terms
from engine.model.ids import JobId, Seq
from engine.model.priority import Priority
from engine.store.codec import Row
from engine.store.protocol import Page, Window
from engine.store.sqlite.cost import LAST, jobs_scanned, last_rank
from engine.store.sqlite.filter import Sql, compile_query
from engine.store.sqlite.percentiles import percentiles
from engine.store.sqlite.reads import one, rows
from engine.store.sqlite.sorts import Order, order
from engine.store.sqlite.source import NOW, Source

COUNT_CAP = 100_000
"""Longer lists are not counted to the end, unless the counters know."""


class Condition(NamedTuple):
    """Which of a source's jobs are in the list."""

    sql: str
    names: dict[str, object]
    source: Source

    def all(self, columns: str, more: str = "1") -> str:
        """A SELECT of these columns of all jobs in the list."""
        return self._select(self.source.arms, columns, more)

    def one(self, columns: str, more: str) -> str:
        """The same where `more` names an id."""
        return self._select(self.source.by_id, columns, more)

    def _select(self, arms: Sequence[str], columns: str, more: str) -> str:
        parts = (f"SELECT {columns} FROM {arm} WHERE ({self.sql}) AND {more}" for arm in arms)
        return " UNION ALL ".join(parts)


def window(db: sqlite3.Connection, asked: Window, source: Source = NOW) -> Page:
    """The jobs in a window, and where it is.

    Raises:
        InvalidSpec: no such sort, or more than one place to start from.
    """
    wanted = order(asked.sort, descending=asked.descending)
    where = condition(db, asked.query, asked.now_at, source, folded=asked.is_folded)
    if asked.sort == "activity" and source is NOW and (last := last_rank(asked.query)) < LAST:
        where = where._replace(sql=f"({where.sql}) AND rank <= {last}")
    total, is_exact = _total(db, asked, where)
    offset, count = _extent(db, asked, wanted, where)
    return Page(
        jobs=source.jobs(db, _ids(db, wanted, where, offset, count)),
        offset=offset,
        total=total,
        total_is_exact=is_exact,
        seq=Seq(one(db, name="head")) if source.moment is None else source.moment,
        scan=_scan(db, asked, wanted, where),
    )


def matching(db: sqlite3.Connection, query: Query, now_at: int, limit: int) -> list[JobId]:
    """Ids of the jobs that match, smallest first."""
    where = condition(db, query, now_at, NOW)
    by_id = order("id", descending=False)
    return [JobId(found) for found in _ids(db, by_id, where, 0, limit)]


def condition(
    db: sqlite3.Connection, query: Query, now_at: int, source: Source, *, folded: bool = False
) -> Condition:
    """Which jobs of `source` a filter lists."""
    sql, names = ("1", {}) if query.is_empty else _compiled(db, query, now_at)
    if folded:
        sql = f"({sql}) AND array IS NULL"
    return Condition(source.condition(db, sql), {**source.names, **names}, source)


def _compiled(db: sqlite3.Connection, query: Query, now_at: int) -> Sql:
    return compile_query(query, now_at, percentiles(db, query))


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
    names = {**where.names, "anchor": job}
    anywhere = where._replace(sql="1").one(wanted.columns, "id = :anchor")
    place = db.execute(anywhere, names).fetchone()
    if place is None:
        return 0, False
    before, places = wanted.before(place)
    parts = db.execute(where.all("count(*)", before), {**names, **places})
    found = db.execute(where.one("1", "id = :anchor"), names)
    return sum(count for (count,) in parts.fetchall()), found.fetchone() is not None


def _ids(
    db: sqlite3.Connection, wanted: Order, where: Condition, offset: int, count: int
) -> list[int]:
    """The ids of a part of the list; the parts of the source are merged as they come."""
    names = {**where.names, "count": count, "offset": offset}
    found = db.execute(f"{_ordered(wanted, where)} LIMIT :count OFFSET :offset", names)
    return [row[-1] for row in found]


def _ordered(wanted: Order, where: Condition) -> str:
    if where.source.moment is None:  # then one index may have all that is asked for
        return f"{where.all('id')} ORDER BY {wanted.by}"
    return f"{where.all(wanted.keys)} ORDER BY {wanted.by_keys}"


def _scan(db: sqlite3.Connection, asked: Window, wanted: Order, where: Condition) -> int:
    """How many jobs the list makes the store look at; of the past that is not known."""
    if asked.query.is_empty or where.source.moment is not None:
        return 0
    jobs = _counted(where.source.counts(db), {})
    return jobs_scanned(db, f"{_ordered(wanted, where)} LIMIT 1", where.names, jobs)


def _total(db: sqlite3.Connection, asked: Window, where: Condition) -> tuple[int, bool]:
    terms = counts_terms(asked.query)
    if terms is not None and not asked.is_folded:
        return _counted(where.source.counts(db), terms), True
    is_live = where.source.moment is None
    if terms is not None and is_live and terms.keys() <= {"state"}:
        return _counted(where.source.counts(db), terms) - _members(db, terms), True
    found: int = db.execute(
        f"SELECT count(*) FROM ({where.all('1')} LIMIT :cap)",
        {**where.names, "cap": COUNT_CAP + 1},
    ).fetchone()[0]
    return min(found, COUNT_CAP), found <= COUNT_CAP


def _counted(counts: Sequence[Row], terms: Mapping[str, frozenset[str]]) -> int:
    return sum(number for _, number in counted_rows(counts, terms))


def counted_rows(
    counts: Sequence[Row], terms: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Mapping[str, str], int]]:
    """The counters that pass, each with its words as a filter writes them."""
    for queue, tenant, priority, state, number in counts:
        label = Priority(priority).label
        words = {"queue": queue, "tenant": tenant, "prio": label, "state": state}
        if all(words[field] in passing for field, passing in terms.items()):
            yield words, number


def _members(db: sqlite3.Connection, terms: Mapping[str, frozenset[str]]) -> int:
    """How many members of arrays pass; they are counted by state alone."""
    counted = rows(db, "members_by_state")
    return sum(number for state, number in counted if state in terms.get("state", {state}))
