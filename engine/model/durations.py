"""Lengths of time and instants as people write them, to integer microseconds."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

_UNITS: Final = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(us|ms|[smhdw])", re.ASCII)
_WHOLE = re.compile(r"(?:\d{1,12}(?:\.\d{1,6})?(?:us|ms|[smhdw]))+", re.ASCII)
_BARE = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?(Z)?", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
MAX_US: Final = 36_525 * _UNITS["d"]
"""A century: no length of time here is longer."""


def parse_duration(text: str) -> int | None:
    """Microseconds in `90`, `1.5h`, `1h30m` or `250ms` (a bare number is seconds).

    None if it is nothing of the kind, or longer than a century.
    """
    if _BARE.fullmatch(text):
        us = round(float(text) * 1_000_000)
    elif _WHOLE.fullmatch(text):
        us = sum(round(float(n) * _UNITS[unit]) for n, unit in _PART.findall(text))
    else:
        return None
    return us if us <= MAX_US else None


def parse_instant(text: str, utc_offset_s: int = 0) -> int | None:
    """UTC microseconds of `2026-11-21`, `2026-11-21T13:40` or with seconds and a zone.

    Without a zone the time is read `utc_offset_s` east of Greenwich. None if it is no such
    instant.
    """
    found = _INSTANT.fullmatch(text)
    if not found:
        return None
    day, hour, zone = found.groups()
    try:
        moment = datetime.combine(
            date.fromisoformat(day),
            time.fromisoformat(hour or "00:00"),
            _zone(zone, utc_offset_s),
        )
        return (moment - _ORIGIN) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def parse_clock(text: str, utc_offset_s: int = 0) -> int | None:
    """Seconds after midnight UTC of `13:40`, `9:05:30` or `13:40Z`; None if it is not one."""
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = 0 if found[4] else utc_offset_s
    return (hour * 3600 + minute * 60 + second - offset) % 86_400


def _zone(text: str | None, utc_offset_s: int) -> timezone:
    if text is None:
        return timezone(timedelta(seconds=utc_offset_s))
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(sign * timedelta(minutes=minutes))
