"""Opening a database: is the place ours, is the file ours, is it whole?

Nothing is changed before everything has been looked at, so that every refusal leaves the
files as they were.
"""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random, SystemRandom

from engine.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
    UnusableState,
)
from engine.store.sqlite import connection
from engine.store.sqlite.migrating import APPLICATION_ID, check_version, migrate, version
from engine.store.sqlite.trouble import store_error

OLDEST_SQLITE = (3, 37, 0)
QUICK_CHECK_BYTES = 256 * 2**20
"""A larger file is checked in part, so that starting stays quick."""
SIDE_FILES = ("", "-wal", "-shm")


def opener(path: Path, chance: Random | None = None) -> Callable[[], sqlite3.Connection]:
    """What opens the writing connection; to be called on the thread that will use it."""
    return partial(open_writer, path, chance or SystemRandom())


def open_writer(path: Path, chance: Random) -> sqlite3.Connection:
    """The writing connection to a whole database of the present schema at `path`.

    Raises:
        UnusableState: the directory is not one that we may trust.
        StoreReadOnly: directory or file may not be written.
        StoreLocked: another process holds the database.
        StoreTooNew: it was written by a later version.
        StoreCorrupt: it is not a database of ours, or is damaged.
    """
    _check_library()
    _check_directory(path.parent)
    _check_file(path)
    try:
        return _open(path, chance)
    except sqlite3.Error as error:
        raise store_error(error, str(path)) from error


def _check_library() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; {needed} is needed")


def _check_directory(directory: Path) -> None:
    """Make it if it is missing; refuse it if others could change what is in it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except FileExistsError:
        raise UnusableState(f"{directory} is not a directory") from None
    except PermissionError:
        raise UnusableState(f"{directory} cannot be made here: no permission") from None
    except OSError as error:
        raise UnusableState(f"{directory} cannot be used: {error.strerror}") from None
    if stat.S_ISLNK(found.st_mode):
        raise UnusableState(f"{directory} is a symbolic link; name the real directory")
    if not stat.S_ISDIR(found.st_mode):
        raise UnusableState(f"{directory} is not a directory")
    if found.st_uid != os.geteuid():
        raise UnusableState(f"{directory} belongs to user {found.st_uid}, not to you")
    if found.st_mode & 0o077:
        raise UnusableState(f"{directory} is open to others: chmod 700 {directory}")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise StoreReadOnly(f"{directory} may not be written")


def _check_file(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        _make(path)
        return
    if not stat.S_ISREG(found.st_mode):
        raise UnusableState(f"{path} is not a regular file")
    if found.st_uid != os.geteuid():
        raise UnusableState(f"{path} belongs to user {found.st_uid}, not to you")
    if not (found.st_mode & stat.S_IWUSR and os.access(path, os.R_OK | os.W_OK)):
        raise StoreReadOnly(f"{path} may not be written")


def _make(path: Path) -> None:
    """An empty file that only we may read."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except PermissionError:
        raise StoreReadOnly(f"{path} may not be written") from None
    except OSError as error:
        raise StoreFull(f"{path} cannot be made: {error.strerror}") from None


def _open(path: Path, chance: Random) -> sqlite3.Connection:
    if path.stat().st_size:
        _check_owner(path)
    db = connection.writer(path)()
    try:
        _check_pages(db, path)
        migrate(db, path, chance)
        db.execute(connection.QUERIES["set_meta"], {"key": "clean", "value": 0})
        for suffix in SIDE_FILES:
            path.with_name(path.name + suffix).chmod(0o600)
    except BaseException:
        db.close()
        raise
    return db


def _check_owner(path: Path) -> None:
    """Read through a connection that cannot write whose file it is, and how new."""
    with closing(connection.reader(path)()) as db:
        owner = db.execute("PRAGMA application_id").fetchone()[0]
        tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and owner != APPLICATION_ID:
            raise StoreCorrupt(f"{path} is a database of another program; left untouched")
        check_version(db, path)


def _check_pages(db: sqlite3.Connection, path: Path) -> None:
    """Look for damage, unless the last one who wrote has closed the file in order."""
    if not version(db):
        return
    query = connection.QUERIES["meta"]
    if db.execute(query, {"key": "clean"}).fetchone() == (1,):
        return
    for pragma in _checks(path):
        found = [row[0] for row in db.execute(pragma)]
        if found != ["ok"]:
            raise StoreCorrupt(f"{path} is damaged: {found[0]}; restore a backup")


def _checks(path: Path) -> list[str]:
    """All pages of a small file; of a large one, those without which nothing works."""
    if path.stat().st_size <= QUICK_CHECK_BYTES:
        return ["PRAGMA quick_check(1)"]
    return [f"PRAGMA quick_check({table})" for table in ("meta", "leases", "counters")]
