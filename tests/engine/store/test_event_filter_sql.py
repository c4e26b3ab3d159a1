"""Compiled filters of events: on every event the same answer as the predicate's."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine.store.sqlite
from engine.model.event_filter import event_matches, parse_events
from engine.store import codec
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.event_filter import compile_events
from engine.store.sqlite.filter import register
from tests.engine.model.event_strategies import NOW, events, queries

SCHEMA = (Path(engine.store.sqlite.__file__).parent / "schema.sql").read_text()


@pytest.fixture(scope="module")
def database():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        register(connection)
        yield connection


def found(database, query):
    condition, names = compile_events(query, NOW)
    rows = database.execute(f"SELECT seq FROM events WHERE {condition}", names)
    return {row[0] for row in rows}


@given(st.lists(events, max_size=5, unique_by=lambda event: event.seq), queries)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sql_and_predicate_agree(database, some, query):
    database.execute("BEGIN")
    try:
        database.executemany(QUERIES["insert_event"], map(codec.event_row, some))
        wanted = {event.seq for event in some if event_matches(query, event, NOW)}
        assert found(database, query) == wanted
    finally:
        database.execute("ROLLBACK")


def test_what_users_write_travels_apart():
    condition, names = compile_events(parse_events("worker:x';--y cause:\"a'b\""), NOW)
    assert condition == "((worker IN (:f1)) AND (instr(lower(cause), :f2) > 0))"
    assert list(names.values())[-2:] == ["x';--y", "a'b"]
