"""The picture of a job list: the rows around the viewport, and when it may change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.control.views import JobRow, JobsPage

MOST_ROWS: Final = 2_000
"""Rows that a board keeps, whatever the length of the list."""

CALM_S: Final = 2.0
"""Nothing re-sorts under a hand that moved within this time."""


@dataclass(frozen=True, slots=True)
class Board:
    """Rows by their place in the list. Knows nothing of the rest but how many there are."""

    rows: Mapping[int, JobRow] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)
    """Place of each loaded id."""
    total: int = 0
    total_is_exact: bool = True
    seq: int = 0
    """As of this event; 0: nothing has been loaded yet."""
    as_of_s: float = 0.0
    """When that was, on the monotonic clock of who loaded it."""

    @property
    def is_loaded(self) -> bool:
        return self.seq > 0 or bool(self.rows) or self.as_of_s > 0

    def at(self, place: int) -> JobRow | None:
        """The row there, if it is loaded."""
        return self.rows.get(place)

    def place_of(self, job: int) -> int | None:
        """Where the job stands, if it is loaded."""
        return self.places.get(job)

    def row_of(self, job: int) -> JobRow | None:
        place = self.places.get(job)
        return None if place is None else self.rows[place]

    def missing(self, start: int, stop: int) -> tuple[int, int] | None:
        """The window (first, count) that holds all unloaded places in [start, stop)."""
        gaps = [i for i in range(max(start, 0), min(stop, self.total)) if i not in self.rows]
        return (gaps[0], gaps[-1] - gaps[0] + 1) if gaps else None

    def apply(self, page: JobsPage, as_of_s: float = 0.0) -> "Board":
        """With the rows of `page` at their places; an older page changes nothing.

        Rows outside the page stay where they were, unless the page has them now.
        """
        if page.seq < self.seq:
            return self
        fresh = {page.offset + i: row for i, row in enumerate(page.jobs)}
        named = {row.id for row in page.jobs}
        rows = {
            place: row
            for place, row in self.rows.items()
            if row.id not in named and place < page.total
        }
        rows.update(fresh)
        return _board(_nearest(rows, page.offset, len(fresh)), page, as_of_s)


def _board(rows: dict[int, JobRow], page: JobsPage, as_of_s: float) -> Board:
    return Board(
        rows=rows,
        places={row.id: place for place, row in rows.items()},
        total=page.total,
        total_is_exact=page.total_is_exact,
        seq=page.seq,
        as_of_s=as_of_s,
    )


def _nearest(rows: dict[int, JobRow], offset: int, count: int) -> dict[int, JobRow]:
    if len(rows) <= MOST_ROWS:
        return rows
    middle = offset + count // 2
    kept = sorted(rows, key=lambda place: abs(place - middle))[:MOST_ROWS]
    return {place: rows[place] for place in kept}


def new_rows(shown: Board, fresh: Board) -> int:
    """How many jobs `fresh` has that `shown` lacks, as far as the windows tell."""
    grown = fresh.total - shown.total if shown.is_loaded else 0
    overlap = [fresh.rows[place] for place in fresh.rows if place in shown.rows]
    unseen = sum(1 for row in overlap if row.id not in shown.places)
    gone = sum(1 for place in shown.rows if shown.rows[place].id not in fresh.places)
    return max(grown, unseen - gone, 0)


def in_old_order(shown: Board, fresh: Board) -> Board:
    """`shown` with the newest values of its rows: none of them moves.

    Places that were not loaded take what `fresh` has there, so that scrolling goes on.
    """
    rows = {place: fresh.row_of(row.id) or row for place, row in shown.rows.items()}
    for place, row in fresh.rows.items():
        if place not in rows and row.id not in shown.places and place < shown.total:
            rows[place] = row
    places = {row.id: place for place, row in rows.items()}
    return replace(shown, rows=rows, places=places, seq=fresh.seq, as_of_s=fresh.as_of_s)


def is_same_order(shown: Board, fresh: Board) -> bool:
    """Whether taking `fresh` would move or remove no row that is shown."""
    return shown.total == fresh.total and all(
        fresh.places.get(job, place) == place and _same(fresh, place, job)
        for job, place in shown.places.items()
    )


def _same(fresh: Board, place: int, job: int) -> bool:
    row = fresh.rows.get(place)
    return row is None or row.id == job


@dataclass(frozen=True, slots=True)
class Calm:
    """What is shown, and what waits behind the pill until the hand has rested."""

    shown: Board = field(default_factory=Board)
    waiting: Board | None = None
    moved_s: float | None = None
    """When the hand last moved, on the same monotonic clock as `now_s`."""
    frozen: bool = False

    @property
    def pill(self) -> int:
        """How many new rows wait, for `+12 new`."""
        return 0 if self.waiting is None else new_rows(self.shown, self.waiting)

    def is_resting(self, now_s: float) -> bool:
        """Whether rows may move now."""
        return not self.frozen and (self.moved_s is None or now_s - self.moved_s >= CALM_S)

    def moved(self, now_s: float) -> "Calm":
        """After a key or click in the table."""
        return replace(self, moved_s=now_s)

    def offered(self, fresh: Board, now_s: float) -> "Calm":
        """After a new picture: taken whole, or only its values, or (frozen) kept aside."""
        if self.is_resting(now_s) or (not self.frozen and is_same_order(self.shown, fresh)):
            return replace(self, shown=fresh, waiting=None)
        if self.frozen:
            return replace(self, waiting=fresh)
        return replace(self, shown=in_old_order(self.shown, fresh), waiting=fresh)

    def settled(self, now_s: float) -> "Calm":
        """After time has passed: what waits is taken if the hand rests."""
        if self.waiting is None or not self.is_resting(now_s):
            return self
        return replace(self, shown=self.waiting, waiting=None)

    def taken(self) -> "Calm":
        """After the pill was pressed, or the freeze ended: what waits is shown at once."""
        return replace(self, shown=self.waiting or self.shown, waiting=None)


def ids_between(board: Board, start: int, stop: int) -> Iterable[int] | None:
    """Ids at the places from `start` to `stop`, both included; None if one is not loaded."""
    low, high = min(start, stop), max(start, stop)
    if high - low >= MOST_ROWS:
        return None
    rows = [board.at(place) for place in range(low, high + 1)]
    return None if None in rows else [row.id for row in rows if row is not None]
