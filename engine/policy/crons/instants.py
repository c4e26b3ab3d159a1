"""From a schedule to the instants at which it is due, through every change of the clocks.

A time that a zone skips when its clocks go forward is due once, right after the gap. A time
that comes twice when they go back is due once, the first time. A schedule with open hours
(`*/15 * * * *`) goes by the minutes that the clock shows: nothing is made up after a gap,
and an hour that comes twice has its runs twice.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count
from typing import Final

from engine.policy.crons.schedule import Calendar, Interval, Schedule

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
FAR_DAYS: Final = 366 * 41
"""A day that does not come in forty years, such as a Monday 29 February, comes never."""


def after(schedule: Schedule, zone: tzinfo, at: int, anchor_at: int) -> int | None:
    """The first instant after `at` at which the schedule is due; None if there is none."""
    return next(instants(schedule, zone, at, anchor_at), None)


def instants(schedule: Schedule, zone: tzinfo, at: int, anchor_at: int) -> Iterator[int]:
    """All instants after `at` at which the schedule is due, in order; perhaps endless.

    Args:
        schedule: What is due.
        zone: In which its fields are read.
        at: UTC microseconds.
        anchor_at: From where an interval is counted.
    """
    if isinstance(schedule, Interval):
        every = schedule.every_us
        return count(anchor_at + ((at - anchor_at) // every + 1) * every, every)
    return _in_order(schedule, zone, at)


def _in_order(calendar: Calendar, zone: tzinfo, at: int) -> Iterator[int]:
    """Day by day; where clocks go back over midnight, the days are woven together."""
    held: list[int] = []
    for day in _days(calendar, (_ORIGIN + at * _US).astimezone(zone).date() - _DAY):
        found = _later(calendar, zone, day, at)
        sure = held[-1] if held else at
        held = sorted({*held, *found})
        cut = bisect_right(held, sure)
        yield from held[:cut]
        held, at = held[cut:], max(at, sure)
    yield from held


def _days(calendar: Calendar, first: date) -> Iterator[date]:
    """Days that are meant, from `first` on, for as long as one comes at all."""
    day, last = first, first.toordinal() + FAR_DAYS
    while day.toordinal() < min(last, date.max.toordinal() - 400):
        if calendar.is_on(day):
            yield day
            last = day.toordinal() + FAR_DAYS
        day = _next_month(day) if day.month not in calendar.months else day + _DAY


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _later(calendar: Calendar, zone: tzinfo, day: date, at: int) -> list[int]:
    """All instants of a day after `at`, in order."""
    midnight = datetime(day.year, day.month, day.day)
    before, behind = (
        (midnight + timedelta(hours=hours)).replace(tzinfo=zone).utcoffset() or timedelta()
        for hours in (-26, 50)
    )
    if before != behind:
        least = at - _utc(midnight) + min(before, behind) // _US
        found = _changing(calendar, zone, midnight, least // 60_000_000)
        return sorted(each for each in found if each > at)
    start = _utc(midnight) - before // _US
    passed = (at - start) // 60_000_000
    return [start + minute * 60_000_000 for minute in _minutes(calendar) if minute > passed]


def _minutes(calendar: Calendar) -> Iterator[int]:
    """Minutes after midnight, in order."""
    for hour in calendar.hours:
        for minute in calendar.minutes:
            yield hour * 60 + minute


def _changing(calendar: Calendar, zone: tzinfo, midnight: datetime, past: int) -> set[int]:
    """All instants of a day on which, or next to which, the clocks change.

    Args:
        calendar: What is due.
        zone: Whose clocks.
        midnight: Where the day begins.
        past: Up to this minute of the day nothing is wanted.
    """
    found: set[int] = set()
    for minute in _minutes(calendar):
        if minute > past:
            local = midnight + timedelta(minutes=minute)
            found.update(_shown(local, zone, twice=calendar.every_hour))
    return found


def _shown(local: datetime, zone: tzinfo, *, twice: bool) -> list[int]:
    """When a clock of the zone shows `local`; after a gap, unless `twice`."""
    first, second = (_seen(local, zone, fold) for fold in (0, 1))
    if first == second:
        return [first]
    if first < second:
        return [first, second] if twice else [first]
    return [] if twice else [_change(zone, second, first)]


def _seen(local: datetime, zone: tzinfo, fold: int) -> int:
    offset = local.replace(tzinfo=zone, fold=fold).utcoffset()
    return _utc(local) - (offset or timedelta()) // _US


def _change(zone: tzinfo, low: int, high: int) -> int:
    """The instant in `(low, high]` at which the clocks of the zone change."""
    was = _offset(zone, low)
    low, high = low // 1_000_000, -(-high // 1_000_000)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle * 1_000_000) == was:
            low = middle
        else:
            high = middle
    return high * 1_000_000


def _offset(zone: tzinfo, at: int) -> timedelta | None:
    return (_ORIGIN + at * _US).astimezone(zone).utcoffset()


def _utc(local: datetime) -> int:
    """Microseconds, as if the clock of Greenwich showed it."""
    return (local.replace(tzinfo=UTC) - _ORIGIN) // _US
