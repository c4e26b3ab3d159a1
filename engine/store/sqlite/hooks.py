"""Which events have had their hooks: rows in, values out."""

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from engine.model.events import Event
from engine.model.hooks import MEANT
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.store import codec
from engine.store.queries import load_queries
from engine.store.sqlite import reads
from engine.store.sqlite.connection import QUERIES

T = TypeVar("T")

HOOKS: Final = load_queries("engine.store.sqlite", "hooks.sql")
KEY: Final = "hooks_seq"
_TYPES: Final = json.dumps(sorted(kind.value for kind in MEANT))


class HookReads:
    """`engine.store.hooks.HookMarks`, for the store to inherit."""

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def _list(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def hooks_seq(self) -> Seq | None:
        found: int | None = await self._look(partial(reads.one, name="meta", key=KEY))
        return None if found is None else Seq(found)

    async def hook_jobs(self, job: JobId, limit: int) -> list[Job]:
        return await self._list(partial(_jobs, job=job, limit=limit))

    async def hook_events(self, after: Seq, until: Seq, *, every: bool) -> list[Event]:
        return await self._list(partial(_events, after=after, until=until, every=every))


def mark(db: sqlite3.Connection, seq: Seq | None) -> None:
    """All events up to this one have had their hooks; None: as it was."""
    if seq is not None:
        db.execute(QUERIES["set_meta"], {"key": KEY, "value": seq})


def _events(db: sqlite3.Connection, *, after: Seq, until: Seq, every: bool) -> list[Event]:
    asked = {"after": after, "until": until, "every": int(every), "types": _TYPES}
    return [codec.read_event(row) for row in db.execute(HOOKS["hook_events"], asked)]


def _jobs(db: sqlite3.Connection, *, job: JobId, limit: int) -> list[Job]:
    found = db.execute(HOOKS["hook_jobs"], {"job": job, "limit": limit}).fetchall()
    return reads.jobs(db, [JobId(id_) for (id_,) in reversed(found)])
