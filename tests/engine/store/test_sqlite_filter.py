"""Compiled filters: on every job the same answer as the predicate's."""

import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.store.sqlite
from engine.model.filter import FIELDS, Query, matches, parse
from engine.model.job import Job
from engine.store.sqlite.filter import compile_query, register
from tests.engine.model.filter_strategies import NOW, PERCENTILES, TERMS, jobs, queries

SCHEMA = (Path(engine.store.sqlite.__file__).parent / "schema.sql").read_text()
CHANGING = ["queue", "worker", "queued_at", "started_at", "ended_at", "state_at", "held_by"]
CHANGING += ["paused_at", "unreachable_at"]


def insert(database: sqlite3.Connection, job: Job) -> None:
    spec, now = job.spec, job.now
    row = {name: getattr(now, name) for name in CHANGING} | {
        "id": job.id,
        "tenant": spec.tenant,
        "namespace": spec.namespace,
        "owner": spec.owner,
        "name": spec.name,
        "kind": spec.kind.value,
        "key": spec.key,
        "array": spec.array,
        "flow": spec.flow,
        "task": spec.task or None,
        "tags": msgspec.json.encode(spec.tags).decode(),
        "created_at": job.created_at,
        "command": spec.command.text[:200],
        "state": now.state.value,
        "priority": int(now.priority),
        "attempts": now.attempts,
        "exit_code": now.exit_code,
        "note": now.note,
        "unmet": now.unmet,
        "trouble": now.trouble and msgspec.json.encode(now.trouble).decode(),
        "shape": job.shape,
    }
    for column in ("trace_id", "span_id", "held_why", "cancel_why"):
        row[column] = ""
    for column in ("surroundings", "max_attempts", "version", "failures"):
        row[column] = 0
    for column in ("losses", "stopping", "needs_operator"):
        row[column] = 0
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    database.execute(f"INSERT INTO jobs ({names}) VALUES ({places})", row)
    database.execute("INSERT INTO specs VALUES (?, ?)", (job.id, msgspec.json.encode(spec)))


@pytest.fixture(scope="module")
def database():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    connection.execute("DROP INDEX jobs_live_key")  # random keys collide
    connection.execute("DROP INDEX jobs_of_flow")  # so do names of tasks
    register(connection)
    yield connection
    connection.close()


def found(database, query):
    condition, parameters = compile_query(query, NOW, PERCENTILES)
    return {
        row[0] for row in database.execute(f"SELECT id FROM jobs WHERE {condition}", parameters)
    }


@given(st.lists(jobs(), max_size=5, unique_by=lambda job: job.id), queries)
@settings(max_examples=250, deadline=None)
def test_sql_and_predicate_agree(database, some, query):
    database.execute("BEGIN")
    try:
        for job in some:
            insert(database, job)
        assert found(database, query) == {
            j.id for j in some if matches(query, j, NOW, PERCENTILES)
        }
    finally:
        database.execute("ROLLBACK")


@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data(), some=st.lists(jobs(), max_size=4, unique_by=lambda job: job.id))
@settings(max_examples=15, deadline=None)
def test_every_field_agrees_in_every_comparison(database, field, data, some):
    database.execute("BEGIN")
    try:
        for job in some:
            insert(database, job)
        for term in data.draw(st.lists(TERMS[field], min_size=1, max_size=3)):
            expected = {j.id for j in some if matches(Query(term), j, NOW, PERCENTILES)}
            assert found(database, Query(term)) == expected, str(term)
    finally:
        database.execute("ROLLBACK")


def test_values_are_never_part_of_the_statement(database):
    evil = "x' OR 1=1 --"
    query = parse(f'queue:"{evil}" name:"{evil}" "{evil}" meta.a="{evil}" tag:"{evil}"')
    condition, parameters = compile_query(query, NOW)
    assert evil not in condition
    assert evil in parameters.values()
    assert found(database, query) == set()


def test_the_empty_query_is_a_condition_too():
    assert compile_query(parse(""), NOW) == ("1", {})


def test_a_state_uses_equality_on_the_column():
    condition, parameters = compile_query(parse("state:running"), NOW)
    assert condition == "state IN (:f1)"
    assert parameters == {"f1": "running"}


def test_the_largest_filter_compiles(database):
    query = parse(" ".join(f"name:{'ab,' * 4}b" for _ in range(100)))
    assert found(database, query) == set()
