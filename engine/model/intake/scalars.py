"""Readers of single values: each gives a checked value or says what is wrong."""

import re
from math import isfinite
from typing import Any, Final

from engine.model.durations import parse_duration, parse_instant
from engine.model.ids import MAX_ID, NAME
from engine.model.intake.wrong import Wrong, shown, wrong_type

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
MAX_AT: Final = 253_402_300_799_000_000
"""The end of the year 9999, UTC microseconds."""


def text(value: Any) -> str:
    """Text without NUL, that UTF-8 can carry."""
    if type(value) is not str:
        raise wrong_type(value, "text")
    if value.isascii():
        if "\0" in value:
            raise Wrong(f"has a NUL character, which no program can receive ({shown(value)})")
        return value
    return _wide_text(value)


def _wide_text(value: str) -> str:
    if "\0" in value:
        raise Wrong(f"has a NUL character, which no program can receive ({shown(value)})")
    try:
        value.encode()
    except UnicodeEncodeError as problem:
        raise Wrong(f"is no valid text at character {problem.start + 1}") from None
    return value


def line(value: Any, longest: int) -> str:
    """One line of text: no control characters, at most `longest` characters."""
    if type(value) is not str:
        raise wrong_type(value, "text")
    if not value.isprintable():
        found = CONTROL.search(value)
        if found:
            raise Wrong(f"has the control character {found[0]!r} at place {found.start() + 1}")
    if len(value) > longest:
        raise Wrong(f"has {len(value)} characters; at most {longest} are allowed")
    return value


def name(value: Any) -> str:
    """What a queue, tenant, namespace or worker may be called."""
    if type(value) is not str:
        raise wrong_type(value, "text")
    if NAME.fullmatch(value) is None:
        raise Wrong(
            f"{shown(value)} cannot be a name: use 1 to 100 of a-z, A-Z, 0-9, '_', '-' and "
            "'.', the first a letter, digit or '_'"
        )
    return value


def whole(value: Any, least: int, most: int) -> int:
    """A whole number from `least` to `most`; true and false are none."""
    if type(value) is not int:
        raise wrong_type(value, "a whole number")
    if not least <= value <= most:
        raise Wrong(f"{shown(value)} is out of range: {least} to {most}")
    return value


def number(value: Any, least: float, most: float) -> float:
    """A finite number from `least` to `most`."""
    if type(value) not in (int, float):
        raise wrong_type(value, "a number")
    if not isfinite(value) or not least <= value <= most:
        raise Wrong(f"{shown(value)} is out of range: {least:g} to {most:g}")
    return float(value)


def yes_no(value: Any) -> bool:
    """True or false, and nothing that only looks like it."""
    if type(value) is not bool:
        raise wrong_type(value, "true or false")
    return value


def job_id(value: Any) -> int:
    """A job's id: `1423`, or `#1423` as text."""
    if type(value) is str:
        digits = value.removeprefix("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 20:
            value = int(digits)
        else:
            raise Wrong(f"{shown(value)} is no job id; ids look like 1423 or #1423")
    return whole(value, 1, MAX_ID)


def duration_ms(value: Any, least: int) -> int:
    """Milliseconds of `90` (seconds), `"10m"` or `"1h30m"`."""
    if type(value) is str:
        us = parse_duration(value)
        if us is None:
            raise Wrong(f"{shown(value)} is no length of time; write 90, 10m or 1h30m")
        ms = us // 1000
    else:
        ms = round(number(value, 0, 3.2e9) * 1000)
    if ms < least:
        raise Wrong(f"{shown(value)} is too short; leave it out for no limit")
    return ms


def instant(value: Any, now_at: int, utc_offset_s: int) -> int:
    """UTC microseconds of an integer, `2026-11-21T13:40Z`, or `10m` from `now_at`."""
    if type(value) is int:
        return whole(value, 0, MAX_AT)
    if type(value) is not str:
        raise wrong_type(value, "a time")
    ahead = parse_duration(value)
    if ahead is not None:
        return now_at + ahead
    at = parse_instant(value, utc_offset_s)
    if at is None or not 0 <= at <= MAX_AT:
        raise Wrong(
            f"{shown(value)} is no time; write 2026-11-21T13:40Z, or 10m for in ten minutes"
        )
    return at


def items(value: Any, what: str, most: int = 1_000) -> list[Any]:
    """A list of at most `most`."""
    if type(value) not in (list, tuple):
        raise wrong_type(value, f"a list of {what}")
    if len(value) > most:
        raise Wrong(f"has {len(value)} {what}; at most {most} are allowed")
    return list(value)


def items_or_one(value: Any, what: str) -> list[Any]:
    """A list, or one value that stands for a list of it."""
    return [value] if type(value) in (str, int) else items(value, what)
