"""Recurring work: rows in, values out."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from engine.errors import StaleLease
from engine.model.cron import Cron
from engine.store import codec
from engine.store.crons import CronMove
from engine.store.queries import load_queries

T = TypeVar("T")

CRONS: Final = load_queries("engine.store.sqlite", "crons.sql")

_cron = msgspec.json.Decoder(Cron)


class CronReads:
    """`engine.store.crons.Crons`, for the store to inherit."""

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def crons(self) -> list[Cron]:
        return await self._look(partial(_some, name="crons"))

    async def cron(self, name: str) -> Cron | None:
        found = await self._look(partial(_some, name="cron", given={"name": name}))
        return found[0] if found else None

    async def due_crons(self, now_at: int, limit: int) -> list[Cron]:
        given = {"now_at": now_at, "limit": limit}
        return await self._look(partial(_some, name="due_crons", given=given))

    async def owing_crons(self) -> list[Cron]:
        return await self._look(partial(_some, name="owing_crons"))

    async def next_cron_at(self) -> int | None:
        return await self._look(_next_at)


def move_all(db: sqlite3.Connection, changes: Sequence[CronMove]) -> None:
    """Write schedules. Raises: StaleLease: one has changed since it was seen."""
    for change in changes:
        _move(db, change)


def _move(db: sqlite3.Connection, change: CronMove) -> None:
    """Write a schedule. Raises: StaleLease: it has changed since it was seen."""
    row: dict[str, Any] = {"name": change.name, "was": change.was_version}
    if change.now is not None:
        row |= _row(replace(change.now, version=change.was_version + 1))
    statement = CRONS["remove_cron" if change.now is None else "put_cron"]
    if db.execute(statement, row).rowcount != 1:
        raise StaleLease(f"cron {change.name!r} has changed since version {change.was_version}")


def _row(cron: Cron) -> dict[str, Any]:
    owes = int(bool(cron.owed) and not cron.is_paused)
    return {"wake_at": cron.wake_at, "owes": owes, "body": codec.encode(cron)}


def _some(
    db: sqlite3.Connection, *, name: str, given: dict[str, Any] | None = None
) -> list[Cron]:
    return [_cron.decode(body) for (body,) in db.execute(CRONS[name], given or {})]


def _next_at(db: sqlite3.Connection) -> int | None:
    found: int | None = db.execute(CRONS["next_cron_at"]).fetchone()[0]
    return found
