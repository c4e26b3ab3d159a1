"""From the text of a schedule to its value."""

from collections.abc import Mapping
from typing import Final

from engine.errors import InvalidSpec
from engine.model.durations import parse_duration
from engine.model.words import unknown
from engine.policy.crons.schedule import Calendar, Interval, Schedule

SHORTEST_US: Final = 1_000_000
LONGEST: Final = 200

NAMED: Final[Mapping[str, str]] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_DAYS: Final = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

FIELDS: Final[tuple[tuple[str, int, int, Mapping[str, int]], ...]] = (
    # name, least, most, words for numbers
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day", 1, 31, {}),
    ("month", 1, 12, {name: n for n, name in enumerate(_MONTHS, 1)}),
    ("weekday", 0, 7, {name: n for n, name in enumerate(_DAYS)}),
)
HINT: Final = "write five fields (minute hour day month weekday), @daily, or @every 10m"


def read_schedule(text: str) -> Schedule:
    """The schedule that `text` means.

    Fields have numbers, `*`, ranges `1-5`, steps `*/15`, lists `1,15`, names of months and
    weekdays; `L` is the last day of a month; 7 is Sunday too. If both day and weekday are
    restricted, either is enough, as cron has always had it.

    Raises:
        InvalidSpec: it means none, or no day that ever comes; says which field and why.
    """
    words = text.strip()[: LONGEST + 1].lower()
    if len(words) > LONGEST:
        raise _wrong(f"a schedule has at most {LONGEST} characters")
    if words.startswith("@every"):
        return _interval(words.removeprefix("@every").strip())
    if words.startswith("@"):
        if words not in NAMED:
            raise unknown("schedule", words, [*NAMED, "@every"], field="spec")
        words = NAMED[words]
    return _calendar(words.split())


def _interval(text: str) -> Interval:
    us = parse_duration(text)
    if us is None or us < SHORTEST_US:
        raise _wrong(f"{text!r} is no interval of a second or more; write @every 10m")
    return Interval(every_us=us)


def _calendar(words: list[str]) -> Calendar:
    if len(words) != len(FIELDS):
        raise _wrong(f"it has {len(words)} fields: {HINT}")
    minute, hour, day, month, weekday = words
    plain_day = ",".join(part for part in day.split(",") if part != "l")
    days = _numbers(2, plain_day) if plain_day else frozenset[int]()
    found = Calendar(
        minutes=tuple(sorted(_numbers(0, minute))),
        hours=tuple(sorted(_numbers(1, hour))),
        days=days,
        months=_numbers(3, month),
        weekdays=frozenset(number % 7 for number in _numbers(4, weekday)),
        last_day="l" in day.split(","),
        either=not day.startswith("*") and not weekday.startswith("*"),
        every_hour=hour == "*",
    )
    _must_come(found)
    return found


def _must_come(found: Calendar) -> None:
    """Refuse the 31st of February."""
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    if found.last_day or found.either:
        return
    if not any(min(found.days) <= longest.get(month, 31) for month in found.months):
        raise _wrong(f"no such month has a day {min(found.days)}: it would never run")


def _numbers(place: int, text: str) -> frozenset[int]:
    """All numbers that one field means."""
    return frozenset().union(*(_part(place, part) for part in text.split(",")))


def _part(place: int, part: str) -> range:
    name, least, most, _ = FIELDS[place]
    span, slash, step = part.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 0 < int(step[:6]) <= most):
        raise _wrong(f"{name} {part!r}: a step is a number from 1 to {most}")
    first, dash, last = span.partition("-")
    if span == "*":
        low, high = least, min(most, 6) if name == "weekday" else most
    elif dash:
        low, high = _number(place, first), _number(place, last)
    else:
        low = _number(place, first)
        high = most if slash else low
    if low > high:
        raise _wrong(f"{name} {part!r}: {low} comes after {high}")
    return range(low, high + 1, int(step) if slash else 1)


def _number(place: int, word: str) -> int:
    name, least, most, words = FIELDS[place]
    if word in words:
        return words[word]
    if word.isascii() and word.isdigit() and len(word) < 4 and least <= int(word) <= most:
        return int(word)
    named = f" or {', '.join(words)}" if words else ""
    raise _wrong(f"{name} {word[:20]!r} is not {least} to {most}{named}")


def _wrong(why: str) -> InvalidSpec:
    return InvalidSpec(f"the schedule cannot be read: {why}", field="spec")
