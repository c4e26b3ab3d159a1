"""A past moment is read by indexes, in the order asked for, and forgets no column."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files

import pytest

from engine.model.filter import parse
from engine.model.ids import Seq
from engine.store.sqlite import source, windows
from engine.store.sqlite.checkpoints import PAST
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.filter import register
from engine.store.sqlite.sorts import TERMS, order

SCHEMA = files("engine.store.sqlite").joinpath("schema.sql").read_text("utf-8")
EVENT = "INSERT INTO events VALUES (5000, 1, 'job.queued', 1, NULL, NULL, NULL, 'a', '', '{}')"


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.executescript(SCHEMA)
        opened.execute("INSERT INTO meta VALUES ('next_job', 100000)")
        opened.execute(EVENT)
        register(opened)
        yield opened


def _plan(db: sqlite3.Connection, moment: int, sort: str) -> list[str]:
    where = windows.condition(db, parse("state:queued"), 1, source.then(db, Seq(moment)))
    wanted = order(sort, descending=False)
    sql = f"{where.all(wanted.keys)} ORDER BY {wanted.by_keys} LIMIT 9"
    return [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, where.names)]


def test_jobs_that_have_not_changed_come_in_order_by_the_index_of_now(
    db: sqlite3.Connection,
) -> None:
    plan = _plan(db, 4000, "activity")
    assert plan[0].startswith("MERGE")
    assert "SEARCH v USING INDEX job_versions_until (to_seq>?)" in plan
    assert plan[plan.index("RIGHT") + 1] == "SCAN jobs USING INDEX jobs_by_activity"
    assert not any("ORDER BY" in step for step in plan[plan.index("RIGHT") :])


def test_when_there_were_few_jobs_only_those_are_looked_at(
    db: sqlite3.Connection,
) -> None:
    db.execute("INSERT INTO checkpoints VALUES (4001, 1, 100, '[]')")
    plan = _plan(db, 4000, "activity")
    assert "SEARCH v USING PRIMARY KEY (job<?)" in plan
    assert "SEARCH jobs USING INTEGER PRIMARY KEY (rowid<?)" in plan


@pytest.mark.parametrize("sort", TERMS)
@pytest.mark.parametrize("moment", [1, 4000])
def test_every_order_of_the_past_compiles(
    db: sqlite3.Connection, sort: str, moment: int
) -> None:
    assert _plan(db, moment, sort)


@pytest.mark.parametrize("name", PAST)
def test_every_statement_about_the_past_goes_by_an_index(
    db: sqlite3.Connection, name: str
) -> None:
    names = re.findall(r":(\w+)", PAST[name])
    values = dict.fromkeys(names) if names else (None,) * PAST[name].count("?")
    plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + PAST[name], values)]
    assert not any("AUTOMATIC" in step for step in plan)
    grow = r"SCAN (jobs|j|job_versions|v|events|e|place_versions|p|spec_versions|batches|b)\b"
    assert not [step for step in plan if re.match(grow, step)]


def test_columns_that_follow_from_others_are_those_of_the_schema(
    db: sqlite3.Connection,
) -> None:
    found = db.execute("SELECT name FROM pragma_table_xinfo('jobs') WHERE hidden")
    assert {name for (name,) in found} == set(source.DERIVED)
    [(made,)] = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'jobs'")
    plain = " ".join(re.sub(r"--.*", "", made).split())
    for name, sql in source.DERIVED.items():
        inner = sql.removeprefix("(").removesuffix(")")
        assert re.search(rf"\b{name} \w+ AS \( ?{re.escape(inner)} ?\)", plain), name


def test_what_an_edit_replaces_is_kept_whole(db: sqlite3.Connection) -> None:
    columns = [row[1] for row in db.execute("PRAGMA table_info(spec_versions)")]
    assert columns == ["job", "to_seq", *source.EDITED, "spec"]
    edited = re.findall(r"(\w+) = \?", QUERIES["edit_job"].partition("WHERE")[0])
    assert set(edited) == set(source.EDITED)
