"""Checkpoints: the counters as they stood every few thousand events, kept by the writer."""

import sqlite3
from typing import Final

from engine.store.queries import load_queries

PAST: Final = load_queries("engine.store.sqlite", "past.sql")

EVERY: Final = 4_096
"""Events between two checkpoints: so many at most are counted to show a past moment."""

EVENTS_PER_NUMBER: Final = 8
"""Where there are many counters, a checkpoint waits for so many events for each of them."""

LARGE: Final = 128
"""A submission of so many jobs has a checkpoint of its own, for its jobs have no events."""

PUT_PLACE: Final = PAST["put_place"]


def keep_when_due(db: sqlite3.Connection, began: int, seq: int) -> None:
    """Write down the counters if it is time, and they are not too many for it.

    Args:
        db: The writer's connection, when everything else of the transaction is written.
        began: The newest event before the transaction.
        seq: The newest event now.
    """
    if seq // EVERY == began // EVERY:
        return
    numbers: int = db.execute(PAST["counter_rows"]).fetchone()[0]
    step = EVERY * (1 + numbers * EVENTS_PER_NUMBER // EVERY)
    if seq // step != began // step:
        db.execute(PAST["keep_checkpoint"], {"seq": seq})


def keep_after_batch(db: sqlite3.Connection, first: int, seq: int) -> None:
    """Write down the counters if a large batch that begins at `first` has become visible."""
    [(last,)] = db.execute("SELECT last FROM batches WHERE first = ?", (first,))
    if last - first + 1 >= LARGE:
        db.execute(PAST["keep_checkpoint"], {"seq": seq})
