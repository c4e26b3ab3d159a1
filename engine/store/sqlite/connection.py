"""Connections to one database: a writer and readers, each on a thread of its own.

A connection runs whole functions, never single statements: one hop to its thread and back
for a transaction. Whoever stops waiting does not stop the function, so nothing is torn.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiosqlite

from engine.errors import EngineError
from engine.store.queries import load_queries
from engine.store.sqlite.filter import register
from engine.store.sqlite.trouble import as_store_error

_PACKAGE = "engine.store.sqlite"
QUERIES = {**load_queries(_PACKAGE), **load_queries(_PACKAGE, "flows.sql")}
QUERIES |= load_queries(_PACKAGE, "keeping.sql")

BUSY_S = 2.0
"""How long to wait for a process that should not be there."""

STATEMENTS = 256
"""Prepared statements that a connection keeps."""

T = TypeVar("T")


class WriterConnection(sqlite3.Connection):
    """The only connection that writes and checkpoints."""

    _waits = True
    """Whether a commit waits for the disk, as `_WRITING` has it at first."""

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, done in one transaction that is on disk on return."""
        self._wait_for_disk(True)
        return self._transact(work)

    def prepare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same, but only the next `transact` brings it to disk.

        For rows that mean nothing until a later commit says that they are there.
        """
        self._wait_for_disk(False)
        return self._transact(work)

    def _wait_for_disk(self, waits: bool) -> None:
        if self._waits is not waits:
            self.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
            self._waits = waits

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self.execute(QUERIES["begin"])
        try:
            result = work(self)
            self.execute(QUERIES["commit"])
        except BaseException:
            if self.in_transaction:  # a full disk has rolled back by itself
                self.execute(QUERIES["rollback"])
            raise
        return result


class ReaderConnection(sqlite3.Connection):
    """A connection that sees committed data only and never holds a cursor."""

    def look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, all of it from one instant."""
        self.execute("BEGIN")
        try:
            return work(self)
        finally:
            self.execute("COMMIT")


class Thread(Protocol):
    """Where the functions of one connection run, one after the other."""

    async def call(self, work: Callable[[Any], T]) -> T:
        """The result of `work(connection)`.

        Raises:
            StoreError: the database failed.
        """
        ...

    async def close(self) -> None:
        """Close the connection after everything that was asked before."""
        ...


Connect = Callable[[Callable[[], sqlite3.Connection]], Awaitable[Thread]]
"""Opens a connection by calling a function, and says where it lives."""


class AiosqliteThread:
    """A connection on aiosqlite's thread: for production."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def call(self, work: Callable[[Any], T]) -> T:
        with as_store_error():
            run: Any = self._connection._execute  # aiosqlite has no public name for it
            found: T = await run(work, self._connection._conn)
        return found

    async def close(self) -> None:
        await self._connection.close()


class InlineThread:
    """A connection used where it is called: for simulation, where nothing may wait."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def call(self, work: Callable[[Any], T]) -> T:
        with as_store_error():
            return work(self._connection)

    async def close(self) -> None:
        self._connection.close()


async def on_thread(opener: Callable[[], sqlite3.Connection]) -> Thread:
    """Open a connection on a thread of its own."""
    trouble: list[Exception] = []

    def attempt() -> sqlite3.Connection:
        try:
            return opener()
        except (EngineError, sqlite3.Error) as error:
            trouble.append(error)
            return sqlite3.connect(":memory:")  # so that the thread can be ended in order

    connection = aiosqlite.Connection(attempt, iter_chunk_size=64)
    # Whoever forgets to close must not hang the interpreter; a commit survives any end.
    thread: Any = getattr(connection, "_thread", connection)
    thread.daemon = True
    opened = AiosqliteThread(await connection)
    if trouble:
        await opened.close()
        with as_store_error():
            raise trouble[0]
    return opened


async def inline(opener: Callable[[], sqlite3.Connection]) -> Thread:
    """Open a connection that runs where it is called."""
    with as_store_error():
        return InlineThread(opener())


def writer(path: Path) -> Callable[[], sqlite3.Connection]:
    """How to open the writing connection of the database at `path`."""
    return partial(_open, f"file:{_quoted(path)}?mode=rw", WriterConnection, _WRITING)


def reader(path: Path) -> Callable[[], sqlite3.Connection]:
    """How to open a reading connection of the database at `path`."""
    return partial(_open, f"file:{_quoted(path)}?mode=ro", ReaderConnection, _READING)


_WRITING = """
    PRAGMA locking_mode = NORMAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 16777216;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
"""
_READING = """
    PRAGMA query_only = 1;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
"""


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _open(uri: str, factory: type[sqlite3.Connection], pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri,
        uri=True,
        factory=factory,
        isolation_level=None,
        cached_statements=STATEMENTS,
        check_same_thread=False,
        timeout=BUSY_S,
    )
    try:
        register(connection)
        for pragma in pragmas.strip().splitlines():
            connection.execute(pragma.strip()).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
