"""Bringing a database up to the present schema, with a backup of what it was before."""

import sqlite3
from importlib.resources import files
from pathlib import Path
from random import Random

from engine.errors import StoreTooNew
from engine.store.sqlite.connection import QUERIES

APPLICATION_ID = 0x63726162
"""`crab`: says whose file it is."""

ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def steps() -> list[tuple[int, str]]:
    """Number and script of every migration, in order."""
    folder = files("engine.store.sqlite").joinpath("migrations")
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted((int(file.name[:4]), file.read_text("utf-8")) for file in found)


def newest() -> int:
    """The schema version that this program writes."""
    return steps()[-1][0]


def version(db: sqlite3.Connection) -> int:
    """The schema version of a database; 0 if it is empty."""
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a database of the future.

    Raises:
        StoreTooNew: it was written by a later version.
    """
    found = version(db)
    if found > newest():
        raise StoreTooNew(
            f"{path} has schema {found}, this program knows {newest()}: use a newer version"
        )


def migrate(db: sqlite3.Connection, path: Path, chance: Random) -> None:
    """Apply what is missing, each step in a transaction of its own.

    A database that was there before is copied before the first of them.
    """
    found = version(db)
    missing = [step for step in steps() if step[0] > found]
    if found and missing:
        _back_up(db, path, missing[0][0])
    for number, script in missing:
        _apply(db, number, script, chance)


def _back_up(db: sqlite3.Connection, path: Path, number: int) -> None:
    copy = path.with_name(f"{path.name}.before-{number:04}")
    copy.unlink(missing_ok=True)
    db.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)


def _apply(db: sqlite3.Connection, number: int, script: str, chance: Random) -> None:
    """One step; either all of it or nothing, even when the process dies."""
    db.execute("BEGIN EXCLUSIVE")
    try:
        for statement in _statements(script):
            db.execute(statement)
        if number == 1:
            _introduce(db, chance)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number:d}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _introduce(db: sqlite3.Connection, chance: Random) -> None:
    """The first facts of a new database."""
    controller = "".join(chance.choice(ID_LETTERS) for _ in range(12))
    facts = {"controller": controller, "epoch": 0, "next_job": 1, "clean": 1}
    for key, value in facts.items():
        db.execute(QUERIES["set_meta"], {"key": key, "value": value})


def _statements(script: str) -> list[str]:
    """The script's statements one by one; triggers hold semicolons of their own."""
    found, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found
