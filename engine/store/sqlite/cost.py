"""What a list costs: whether an index leads to its jobs, or all have to be looked at."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from engine.model.filter import And, Op, Query, Term
from engine.model.filter.values import Word
from engine.model.states import FINAL, State

LAST: Final = 5
"""The rank, in the order `activity`, of jobs that have ended."""

_RANKS: Final = {
    State.RUNNING: 1,
    State.RETRYING: 2,
    State.QUEUED: 3,
    State.PENDING: 4,
    **dict.fromkeys(FINAL, LAST),
}
"""Where jobs of a state stand, unless they ask for a look: then they come before all."""


def last_rank(query: Query) -> int:
    """The rank after which `query` passes nothing."""
    parts = query.root.parts if isinstance(query.root, And) else (query.root,)
    asked = [part for part in parts if isinstance(part, Term) and part.field == "state"]
    return min((_last(term) for term in asked if term.op is Op.HAS), default=LAST)


def _last(term: Term) -> int:
    return max(_RANKS[State(word.text)] for word in term.values if isinstance(word, Word))


def jobs_scanned(
    db: sqlite3.Connection, statement: str, names: Mapping[str, object], jobs: int
) -> int:
    """How many of `jobs` a statement may have to look at; 0 if an index leads to them."""
    plan = db.execute(f"EXPLAIN QUERY PLAN {statement}", names)
    return jobs if any(row[3].startswith("SCAN jobs") for row in plan) else 0
