"""Many units in one transaction: each is written or refused for itself."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from engine.errors import EngineError, InvalidSpec, KeyTaken, StaleLease
from engine.store.protocol import Unit, Written
from engine.store.sqlite.connection import QUERIES
from engine.store.sqlite.group import Group

UNSTORABLE: Final = (UnicodeEncodeError, OverflowError)
"""What it means that a text is no Unicode, or a number too large; the unit's own fault."""


def apply_units(
    db: sqlite3.Connection, units: Sequence[Unit], at: int
) -> list[Written | EngineError]:
    """Write each unit or refuse it; to be run inside one transaction.

    A mark before every unit costs a third of the speed, because each page that changes after
    it is copied. So the marks are only set once it is known that something is refused.
    """
    try:
        return _apply(db, units, at, careful=False)
    except (StaleLease, KeyTaken):
        _begin_again(db)
        return _apply(db, units, at, careful=True)
    except UNSTORABLE:
        _begin_again(db)
        return _apply_storable(db, units, at)


def _begin_again(db: sqlite3.Connection) -> None:
    db.execute(QUERIES["rollback"])
    db.execute(QUERIES["begin"])


def _apply_storable(
    db: sqlite3.Connection, units: Sequence[Unit], at: int
) -> list[Written | EngineError]:
    """Refuse those that no database could hold, and write the others."""
    refusals = [_why_unstorable(db, unit, at) for unit in units]
    storable = [unit for unit, refusal in zip(units, refusals, strict=True) if refusal is None]
    answers = iter(_apply(db, storable, at, careful=True))
    return [refusal or next(answers) for refusal in refusals]


def _why_unstorable(db: sqlite3.Connection, unit: Unit, at: int) -> InvalidSpec | None:
    """Try it, and leave no trace."""
    db.execute(QUERIES["save"])
    try:
        _apply(db, [unit], at, careful=True)
    except UNSTORABLE as error:
        return InvalidSpec(f"something in it cannot be stored: {error}")
    finally:
        db.execute(QUERIES["undo"])
        db.execute(QUERIES["keep"])
    return None


def _apply(
    db: sqlite3.Connection, units: Sequence[Unit], at: int, *, careful: bool
) -> list[Written | EngineError]:
    group = Group(db, at, careful=careful)
    answers = [group.apply(unit) for unit in units]
    group.finish()
    return answers
