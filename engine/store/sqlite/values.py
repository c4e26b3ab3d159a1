"""Counting which values a field has, on a reading connection; columns are of this package."""
# ruff: noqa: S608

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from engine.model.filter import counts_terms
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.store.codec import Row
from engine.store.sqlite.filter import COLUMNS
from engine.store.sqlite.source import NOW, Source
from engine.store.sqlite.windows import Condition, condition, counted_rows
from engine.store.values import Grouped, Grouping

LANE: Final = "\x01"
"""Begins the value of a job of which only its lane tells why it waits."""

_KEPT: Final = {"queue": 0, "tenant": 1, "prio": 2, "state": 3}
"""Where the counters have a field."""

_REASON: Final = (
    "(CASE WHEN note <> '' THEN note WHEN mark = ''"
    " THEN char(1) || json_array(queue, priority, tenant, shape) END)"
)
_WORDS: Final[Mapping[str, Callable[[int | str], str]]] = {
    "prio": lambda level: Priority(int(level)).label,
}

_Counts = Iterable[tuple[str | None, str, int]]


def grouped(db: sqlite3.Connection, asked: Grouping, source: Source = NOW) -> Grouped:
    """As `Values.grouped`, of now or of a past moment."""
    terms = counts_terms(asked.query)
    if asked.by in _KEPT and terms is not None and not asked.is_folded:
        return _sorted_out(_kept(source.counts(db), asked.by, terms), is_exact=True)
    where = condition(db, asked.query, asked.now_at, source, folded=asked.is_folded)
    found = db.execute(
        _statement(asked, where), {**where.names, "limit": asked.limit}
    ).fetchall()
    is_cut = sum(number for *_, number in found) >= asked.limit and _has_more(db, asked, where)
    return _sorted_out(_worded(asked.by, found), is_exact=not is_cut)


def _kept(counts: Sequence[Row], by: str, terms: Mapping[str, frozenset[str]]) -> _Counts:
    for words, number in counted_rows(counts, terms):
        yield words[by], words["state"], number


def _statement(asked: Grouping, where: Condition) -> str:
    newest = "ORDER BY id DESC" if asked.newest else ""
    if asked.by == "tag":
        some = f"{where.all('tags, state, id')} {newest} LIMIT :limit"
        return (
            f"SELECT t.value, state, count(*) FROM ({some}) AS j"
            " LEFT JOIN json_each(j.tags) AS t GROUP BY 1, 2"
        )
    column = _REASON if asked.by == "reason" else COLUMNS[asked.by]
    some = f"{where.all(f'{column} AS value, state, id')} {newest} LIMIT :limit"
    return f"SELECT value, state, count(*) FROM ({some}) GROUP BY 1, 2"


def _has_more(db: sqlite3.Connection, asked: Grouping, where: Condition) -> bool:
    beyond = f"{where.all('1')} LIMIT 1 OFFSET :limit"
    return db.execute(beyond, {**where.names, "limit": asked.limit}).fetchone() is not None


def _worded(by: str, found: Iterable[tuple[int | str | None, str, int]]) -> _Counts:
    word = _WORDS.get(by, str)
    for value, state, number in found:
        yield (None if value is None else word(value)), state, number


def _sorted_out(counts: _Counts, *, is_exact: bool) -> Grouped:
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lanes: Counter[LaneKey] = Counter()
    without: Counter[str] = Counter()
    for value, state, number in counts:
        if value is None:
            without[state] += number
        elif value.startswith(LANE):
            queue, priority, tenant, shape = json.loads(value[1:])
            lanes[LaneKey(queue, Priority(priority), tenant, shape)] += number
        else:
            values[value][state] += number
    return Grouped(values=values, without=without, lanes=lanes, is_exact=is_exact)
