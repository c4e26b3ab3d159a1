"""Flows on SQLite: what is written, plain code on the writing connection."""

import sqlite3

from msgspec.structs import replace

from engine.errors import StaleLease
from engine.model.workflow import Flow
from engine.store import codec
from engine.store.protocol import Unit
from engine.store.sqlite.connection import QUERIES


def write_flows(db: sqlite3.Connection, unit: Unit) -> None:
    """What a unit says of flows and results.

    Raises:
        StaleLease: a flow has changed since it was seen.
    """
    for was, now in unit.flows:
        _put(db, was, now)
    if unit.definitions:
        db.executemany(QUERIES["put_definition"], unit.definitions)
    if unit.results:
        said = [(one.job, one.attempt, one.at, bytes(one.body)) for one in unit.results]
        db.executemany(QUERIES["put_result"], said)


def _put(db: sqlite3.Connection, was: int, now: Flow) -> None:
    body = codec.encode(replace(now, version=was + 1))
    row = {"id": now.id, "name": now.name, "run": now.run, "root": now.root, "body": body}
    name = "move_flow" if was else "insert_flow"
    if db.execute(QUERIES[name], {**row, "was": was}).rowcount != 1:
        raise StaleLease(f"flow {now.id} has changed since version {was}")
