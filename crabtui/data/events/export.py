"""Events as the lines of a file: JSON, or a table that no spreadsheet computes anything of."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

import msgspec

from engine.model.events import Event

COLUMNS: Final = ("seq", "at", "type", "job", "attempt", "worker", "tenant", "actor", "cause")
FORMULAS: Final = "=+-@\t\r"
"""What a spreadsheet would take for a formula at the beginning of a cell."""
ENDS: Final = (".jsonl", ".csv")
"""What the name of such a file ends with."""


def exported(events: Sequence[Event], end: str) -> str:
    """These events, in the way of files that end like this."""
    if end == ".csv":
        return _table(map(_cells, events))
    return "".join(msgspec.json.encode(event).decode() + "\n" for event in events)


def heading(end: str) -> str:
    """What stands before the first event."""
    return _table([(*COLUMNS, "data")]) if end == ".csv" else ""


def _cells(event: Event) -> list[str]:
    values = [getattr(event, name) for name in COLUMNS]
    cells = ["" if value is None else str(value) for value in values]
    cells.append(msgspec.json.encode(event.data).decode())
    return [f"'{cell}" if cell[:1] and cell[0] in FORMULAS else cell for cell in cells]


def _table(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
