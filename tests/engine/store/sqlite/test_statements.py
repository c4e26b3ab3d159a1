"""Every named statement fits the schema, and the schema is what the migrations make."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files

import pytest

from engine.model.job import Progress
from engine.store.queries import parse_queries
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.migrating import steps

SCHEMA = files("engine.store.sqlite").joinpath("schema.sql").read_text("utf-8")
ENDS = ("begin", "commit", "rollback", "save", "undo", "keep")
PLANNED = (
    "lane",
    "next_lane",
    "next_standing",
    "standings",
    "standings_in_queue",
    "array",
    "arrays",
    "array_counts",
    "members",
    "goal_holders",
    "run_times",
    "running_shapes",
    "due",
    "next_due_at",
    "dependents",
    "dependencies",
    "settled_dependencies",
    "events",
    "events_of_job",
    "last_events",
    "last_events_of_job",
    "job_with_key",
    "asking",
    "on_hold",
    "attempts",
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.executescript(SCHEMA)
        yield opened


@pytest.mark.parametrize("name", [name for name in QUERIES if name not in ENDS])
def test_every_named_statement_compiles(db: sqlite3.Connection, name: str) -> None:
    sql = QUERIES[name]
    named = re.findall(r":(\w+)", sql)
    values = dict.fromkeys(named) if named else (None,) * sql.count("?")
    db.execute("EXPLAIN " + sql, values)


@pytest.mark.parametrize("name", PLANNED)
def test_frequent_reads_go_by_an_index(db: sqlite3.Connection, name: str) -> None:
    values = dict.fromkeys(re.findall(r":(\w+)", QUERIES[name]))
    plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + QUERIES[name], values)]
    scans = [s for s in plan if re.match(r"SCAN \w+$", s) or re.match(r"SCAN jobs\b", s)]
    assert scans == []


def test_the_schema_is_what_the_migrations_make(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as migrated:
        for _, script in steps():
            migrated.executescript(script)
        assert _listing(migrated) == _listing(db)


def _listing(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """All that is in a schema, without comments and however it is spaced."""
    listing = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
    return [(kind, name, _plain(sql or "")) for kind, name, sql in db.execute(listing)]


def _plain(sql: str) -> str:
    words = " ".join(re.sub(r"--.*", "", sql).split())
    return re.sub(r" ?([(),]) ?", r"\1", words)


def test_the_past_has_every_changing_column(db: sqlite3.Connection) -> None:
    columns = [row[1] for row in db.execute("PRAGMA table_info(job_versions)")]
    assert set(columns) == {"job", "from_seq", "to_seq", *Progress.__struct_fields__}
    [trigger] = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'jobs_keep_past'")
    kept = re.findall(r"old\.(\w+)", trigger[0].partition("VALUES")[2])
    assert kept[2:] == columns[3:]


def test_two_statements_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        parse_queries("-- a --\n-- One.\nSELECT 1;\n-- a --\n-- Two.\nSELECT 2;\n")
