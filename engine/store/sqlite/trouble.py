"""What the database complains of, in the words of the error tree."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
)

_KINDS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (StoreFull, "the disk is full; free some space"),
    sqlite3.SQLITE_IOERR: (StoreFull, "the disk does not take more; free some space"),
    sqlite3.SQLITE_READONLY: (StoreReadOnly, "the database may not be written"),
    sqlite3.SQLITE_PERM: (StoreReadOnly, "the database may not be written"),
    sqlite3.SQLITE_CANTOPEN: (StoreReadOnly, "the database cannot be opened"),
    sqlite3.SQLITE_BUSY: (StoreLocked, "another process holds the database"),
    sqlite3.SQLITE_LOCKED: (StoreLocked, "another process holds the database"),
    sqlite3.SQLITE_CORRUPT: (StoreCorrupt, "the database is damaged; restore a backup"),
    sqlite3.SQLITE_NOTADB: (StoreCorrupt, "the file is not a database"),
}


def store_error(error: sqlite3.Error, place: str = "") -> StoreError:
    """The store's error for one of the database's."""
    code = getattr(error, "sqlite_errorcode", None)
    where = f" ({place})" if place else ""
    if code is None:
        return StoreError(f"{error}{where}")
    if code & 0xFF == sqlite3.SQLITE_IOERR and code != sqlite3.SQLITE_IOERR_WRITE:
        return StoreError(f"the disk failed: {error}{where}")
    kind, sentence = _KINDS.get(code & 0xFF, (StoreError, "the database failed"))
    return kind(f"{sentence}: {error}{where}")


@contextmanager
def as_store_error(place: str = "") -> Iterator[None]:
    """Raise what goes wrong inside as a leaf of StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, place) from error
