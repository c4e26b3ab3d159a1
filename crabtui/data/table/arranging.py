"""Which columns somebody wants of a job table, in which order and width; and which fit."""

from dataclasses import dataclass, replace
from typing import Final

from crabtui.data.table.columns import EXTRA, GUTTER, NAME, ORDER, Column, layout
from engine.errors import InvalidSpec
from engine.model.words import unknown

LEAST_NAME: Final = 12
"""Cells that NAME keeps before another column goes."""
SHORT_NAME: Final = 8
"""The same in a wide table."""
WIDEST: Final = 80

ALL: Final = {column.key: column for column in (*(col for _, col in ORDER), *EXTRA)}
"""Every column by its key: first those of all tables, from left to right."""

_FIRST_TO_GO: Final = (
    *(column.key for column in reversed(EXTRA)),
    "tags",
    "ended",
    "tenant",
    "owner",
    "wait",
    "worker",
    "att",
    "queue",
    "note",
    "pri",
    "time",
    "id",
)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Frozen; every change gives another one."""

    keys: tuple[str, ...] = ()
    """From left to right; none: as the width of the table has it."""
    widths: tuple[tuple[str, int], ...] = ()
    """Of columns that shall have another width than their own."""
    wide: bool = False
    """As many columns as there is room for, at the cost of the names."""

    def with_width(self, key: str, width: int) -> "Arrangement":
        """With this column so many cells wide."""
        others = tuple(pair for pair in self.widths if pair[0] != key)
        return replace(self, widths=(*others, (key, width)))


AUTOMATIC: Final = Arrangement()


@dataclass(frozen=True, slots=True)
class Arranged:
    """The columns that a table shows, and how many it had to leave out."""

    columns: tuple[Column, ...]
    hidden: int


def arranged(width: int, wish: Arrangement = AUTOMATIC, *, sort: str = "") -> Arranged:
    """What fits into a table `width` cells wide; NAME takes what the others leave.

    Neither NAME nor the column sorted by is left out.
    """
    if not wish.keys and not wish.wide:
        found = tuple(_sized(column, wish) for column in layout(width))
        return Arranged(_filled(found, width), len(ORDER) - len(found))
    keys = wish.keys
    if wish.wide or not keys:
        keys += tuple(column.key for _, column in ORDER if column.key not in keys)
    wanted = [_sized(ALL[key], wish) for key in keys if key in ALL]
    if NAME.key not in keys:
        wanted.append(NAME)
    kept = _fitting(wanted, width, sort, SHORT_NAME if wish.wide else LEAST_NAME)
    return Arranged(_filled(kept, width), len(wanted) - len(kept))


def parse_arrangement(text: str) -> Arrangement:
    """The columns in `id name queue:12 time`; none for `auto`.

    Raises:
        InvalidSpec: no such column, the same one twice, or no such width.
    """
    if text.strip() in ("auto", ""):
        return AUTOMATIC
    keys: list[str] = []
    wish = AUTOMATIC
    for word in text.replace(",", " ").lower().split():
        key, _, width = word.partition(":")
        if key not in ALL:
            raise unknown("column", key, ALL, field="columns")
        if key in keys:
            raise InvalidSpec(f"column {key} is named twice", field="columns")
        keys.append(key)
        if width:
            wish = wish.with_width(key, _width(key, width))
    return replace(wish, keys=tuple(keys))


def format_arrangement(wish: Arrangement) -> str:
    """The text that `parse_arrangement` reads back."""
    widths = dict(wish.widths)
    words = [f"{key}:{widths[key]}" if key in widths else key for key in wish.keys]
    return " ".join(words) or "auto"


def _width(key: str, text: str) -> int:
    width = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not 2 <= width <= WIDEST:
        raise InvalidSpec(
            f"{key}:{text[:10]}: a column is 2 to {WIDEST} cells wide", field="columns"
        )
    return width


def _sized(column: Column, wish: Arrangement) -> Column:
    width = dict(wish.widths).get(column.key)
    return column if width is None or column.key == NAME.key else replace(column, width=width)


def _fitting(
    wanted: list[Column], width: int, sort: str, least_name: int
) -> tuple[Column, ...]:
    kept = list(wanted)
    for key in _FIRST_TO_GO:
        if _rest(kept, width) >= least_name:
            break
        kept = [col for col in kept if col.key != key or (col.sort and col.sort == sort)]
    return tuple(kept)


def _rest(columns: list[Column] | tuple[Column, ...], width: int) -> int:
    """What is left for NAME."""
    others = sum(col.width + 1 for col in columns if col.key != NAME.key)
    return width - GUTTER - others - 2


def _filled(columns: tuple[Column, ...], width: int) -> tuple[Column, ...]:
    rest = max(_rest(columns, width), 4)
    return tuple(replace(col, width=rest) if col.key == NAME.key else col for col in columns)
