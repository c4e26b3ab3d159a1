"""How long jobs waited and ran in each queue: what `wait>p95` of a filter stands for."""

import sqlite3
from collections import defaultdict

from engine.model.filter import Query
from engine.model.filter.percentiles import NONE, Percentiles, percentile, wanted_percentiles
from engine.store.queries import load_queries

_VALUES = load_queries("engine.store.sqlite", "values.sql")

SAMPLE = 10_000
"""The newest ends that are looked at."""

_COLUMNS = {"wait": 1, "run": 2}


def percentiles(db: sqlite3.Connection, query: Query) -> Percentiles:
    """Those that `query` speaks of, from the jobs that ended last.

    A queue of which none ran has none.
    """
    wanted = wanted_percentiles(query)
    if not wanted:
        return NONE
    rows = db.execute(_VALUES["newest_times"], {"sample": SAMPLE}).fetchall()
    found: dict[tuple[str, int], dict[str, int]] = {}
    for field, number in wanted:
        lengths: defaultdict[str, list[int]] = defaultdict(list)
        for row in rows:
            lengths[row[0]].append(row[_COLUMNS[field]])
        found[field, number] = {queue: percentile(us, number) for queue, us in lengths.items()}
    return found
