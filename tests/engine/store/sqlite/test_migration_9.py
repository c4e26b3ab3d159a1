"""Schema 9: what happened before it is counted as if it had been written by it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from engine.clock import ManualClock
from engine.store.sqlite.migrating import steps
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.test_event_log import workload
from tests.kit.build import NOW

BINS = "SELECT * FROM event_bins ORDER BY 1, 2, 3"


async def test_old_events_are_counted_as_new_ones_are(tmp_path: Path) -> None:
    clock, path = ManualClock(NOW), tmp_path / "state" / "jobs.sqlite"
    store = await SqliteStore.open(path, clock)
    await workload(store, clock, Random(9))
    await store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        written = db.execute(BINS).fetchall()
        db.execute("DROP TABLE event_bins")
        db.execute("DROP INDEX events_of_problems")
        db.executescript(dict(steps())[9])
        assert db.execute(BINS).fetchall() == written
    assert len(written) > 100
