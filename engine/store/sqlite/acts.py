"""What operators did, and what came in bulk since: rows in, values out."""

import sqlite3
from collections.abc import Sequence
from typing import TypedDict

from engine.model.events import Event
from engine.model.ids import JobId, Seq
from engine.store import codec
from engine.store.sqlite.connection import QUERIES


class Wanted(TypedDict):
    """The conditions of `Store.acts`."""

    before: Seq
    actor: str | None
    verb: str | None
    since_at: int


def acts(db: sqlite3.Connection, wanted: Wanted, limit: int) -> list[Event]:
    """As `Store.acts`."""
    found = db.execute(QUERIES["acts"], {**wanted, "limit": limit}).fetchall()
    return [codec.read_event(row) for row in reversed(found)]


def bulk_since(db: sqlite3.Connection, seq: Seq) -> Sequence[tuple[JobId, JobId]]:
    """As `Store.bulk_since`."""
    rows = db.execute(QUERIES["bulk_since"], {"seq": seq})
    return [(JobId(first), JobId(last)) for first, last in rows]
