"""Jobs as text for other programs: CSV, JSON, JSON lines, or a table to read."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, get_args

import msgspec

from crabtui.data.sanitize import sanitize
from engine.control.views import JobRow
from engine.errors import InvalidSpec
from engine.model.words import nearest

Format = Literal["csv", "json", "jsonl", "txt", "svg"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
OF_ROWS: Final[frozenset[Format]] = frozenset({"csv", "json", "jsonl"})
"""Formats of all rows that match; the others are pictures of what is shown."""

FIELDS: Final = tuple(
    name for name in JobRow.__struct_fields__ if name not in ("version", "members")
)
"""Columns of a CSV file."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def format_of(path: str) -> Format:
    """The format that a file's name asks for.

    Raises:
        InvalidSpec: its ending says none that we write.
    """
    ending = path.rpartition(".")[2].lower() if "." in path else ""
    for each in FORMATS:
        if each == ending:
            return each
    near = nearest(ending, FORMATS) if ending else None
    raise InvalidSpec(
        f"{path[:60]!r}: its name has to end in one of {', '.join(FORMATS)}",
        field="file",
        nearest=near,
    )


def head(kind: Format) -> str:
    """What stands before the first job."""
    return {"csv": _line(FIELDS), "json": '{"jobs":[\n'}.get(kind, "")


def body(kind: Format, rows: Iterable[JobRow], *, first: bool) -> str:
    """Some jobs; `first` if no others stand before them."""
    if kind == "csv":
        return "".join(_line(_cells(row)) for row in rows)
    if kind == "jsonl":
        return "".join(_json(row) + "\n" for row in rows)
    joined = ",\n".join(_json(row) for row in rows)
    return joined if first or not joined else ",\n" + joined


def tail(kind: Format) -> str:
    """What stands after the last job."""
    return "\n]}\n" if kind == "json" else ""


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, nor a terminal for an order."""
    clean = sanitize(text)
    return "'" + clean if clean.startswith(_FORMULA) or text.startswith(_FORMULA) else clean


def _cells(row: JobRow) -> Iterator[str]:
    for name in FIELDS:
        value = getattr(row, name)
        if value is None:
            yield ""
        elif isinstance(value, str):
            yield harmless(value)
        elif isinstance(value, tuple):
            yield harmless(" ".join(map(str, value)))
        elif isinstance(value, bool):
            yield "yes" if value else "no"
        else:
            yield str(value)


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()


def _json(row: JobRow) -> str:
    plain: dict[str, Any] = {name: getattr(row, name) for name in row.__struct_fields__}
    return json.dumps(msgspec.to_builtins(plain), ensure_ascii=False, separators=(",", ":"))
