"""What is kept whole, and the jobs that wait for a person."""

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import msgspec

from engine.model.attention import Acknowledged
from engine.store.kept import Some
from engine.store.sqlite import reads

T = TypeVar("T")

_acknowledged = msgspec.json.Decoder(dict[str, Acknowledged])


class KeptReads:
    """Of `engine.store.kept.Kept` what is about people; for the store to inherit."""

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def acknowledged(self) -> Mapping[str, Acknowledged]:
        return await self._look(_known)

    async def asking(self, limit: int) -> list[Some]:
        return await self._look(partial(_some, name="asking", limit=limit))

    async def on_hold(self, limit: int) -> list[Some]:
        return await self._look(partial(_some, name="on_hold", limit=limit))


def _known(db: sqlite3.Connection) -> dict[str, Acknowledged]:
    body = reads.one(db, name="meta", key="acknowledged")
    return {} if body is None else _acknowledged.decode(body)


def _some(db: sqlite3.Connection, name: str, limit: int) -> list[Some]:
    return [Some(*row) for row in reads.rows(db, name, limit=limit)]
