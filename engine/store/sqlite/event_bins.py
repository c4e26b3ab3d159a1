"""Stretches of time in which events are counted as they are written."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from engine.model.events import Event
from engine.store.event_log import COARSE_S, FINE_S
from engine.store.sqlite.connection import QUERIES

SECOND: Final = 1_000_000


def count_events(db: sqlite3.Connection, events: Sequence[Event]) -> None:
    """Add what one transaction writes; its events have one instant and follow each other."""
    if not events:
        return
    at = events[0].at
    found: dict[str, list[int]] = {}
    for event in events:
        kind, seq = event.type._value_, int(event.seq)
        entry = found.get(kind)
        if entry is None:
            found[kind] = [1, seq, seq]
        else:
            entry[0] += 1
            entry[2] = seq
    rows = [
        (width_s, at - at % (width_s * SECOND), kind, *entry)
        for width_s in (FINE_S, COARSE_S)
        for kind, entry in found.items()
    ]
    db.executemany(QUERIES["add_to_event_bin"], rows)


def seqs_between(
    db: sqlite3.Connection, low_at: int | None, high_at: int | None
) -> tuple[int | None, int | None]:
    """Smallest and greatest number that an event of these times may have; None: any.

    Right also where the clock has gone back. Reads one row for ten minutes at most.
    """
    low = high = None
    if low_at is not None:
        start = low_at - low_at % (COARSE_S * SECOND)
        low = db.execute(QUERIES["first_event_from"], {"start": start}).fetchone()[0]
    if high_at is not None:
        high = db.execute(QUERIES["last_event_before"], {"end": high_at}).fetchone()[0]
    return (
        None if low_at is None else low or 2**62,
        None if high_at is None else high or 0,
    )


def span(db: sqlite3.Connection) -> tuple[int, int] | None:
    """Begin of the oldest fine stretch, end of the newest one."""
    first, last = db.execute(QUERIES["event_span"]).fetchone()
    return None if first is None else (first, last + FINE_S * SECOND)
