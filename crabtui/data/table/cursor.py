"""Where the cursor stands after the list has changed: it holds an id, never a place."""

from dataclasses import dataclass

from crabtui.data.table.board import Board


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row under the hand. `job` is None while the row at `place` is not loaded."""

    job: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Reseated:
    """The cursor in a new picture."""

    cursor: Cursor
    lost: int | None = None
    """The job that it stood on, if that row is gone."""


def at_place(board: Board, place: int) -> Cursor:
    """The cursor on the row nearest to `place` that the list has."""
    place = min(max(place, 0), max(board.total - 1, 0))
    row = board.at(place)
    return Cursor(None if row is None else row.id, place)


def reseat(cursor: Cursor, old: Board, new: Board, *, following: bool = False) -> Reseated:
    """The cursor in `new`: on its job; else on the next neighbour of it that survives.

    A job that `new` does not have keeps the cursor if its place is not loaded either, or
    if it is `following` the job.
    """
    if cursor.job is None:
        return Reseated(at_place(new, cursor.place))
    place = new.place_of(cursor.job)
    if place is not None:
        return Reseated(Cursor(cursor.job, place))
    if new.total and (following or _knows_nothing_of(new, cursor.place)):
        return Reseated(Cursor(cursor.job, min(cursor.place, new.total - 1)))
    return Reseated(_neighbour(cursor, old, new), lost=cursor.job)


def _knows_nothing_of(board: Board, place: int) -> bool:
    return place < board.total and board.at(place) is None


def _neighbour(cursor: Cursor, old: Board, new: Board) -> Cursor:
    after = range(cursor.place + 1, cursor.place + 100)
    before = range(cursor.place - 1, max(cursor.place - 100, -1), -1)
    for place in (*after, *before):
        row = old.at(place)
        now = None if row is None else new.place_of(row.id)
        if row is not None and now is not None:
            return Cursor(row.id, now)
    return at_place(new, cursor.place)
