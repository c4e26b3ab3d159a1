"""On which line of a TOML file each key stands."""

import tomllib
from collections.abc import Iterator
from typing import Any, Final

MOST_LINES_OF_ONE: Final = 1_000
"""A value that goes on for longer is not looked into; its keys have the line before."""


def lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """The line, from 1, of every table and key of a valid TOML document.

    What stands in an inline table has the line on which its statement begins.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, parsed, is_header in _statements(text):
        for path in _paths(parsed):
            whole = path if is_header else (*table, *path)
            found.setdefault(whole, number)
        if is_header:
            table = max(_paths(parsed), key=len)
    return found


def _statements(text: str) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Each header and each assignment: where it begins, and what it alone means."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            begun = number
        parts.append(line)
        try:
            parsed = tomllib.loads("\n".join(parts))
        except tomllib.TOMLDecodeError:
            if len(parts) > MOST_LINES_OF_ONE:
                return
            continue
        if parsed:
            yield begun, parsed, line.lstrip().startswith("[") and len(parts) == 1
        parts = []


def _paths(value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if above:
        yield above
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, (*above, key))
