"""A schedule by brute force: every minute is walked through and compared with the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from engine.policy.crons.schedule import Calendar

MINUTE = timedelta(minutes=1)


def walk(
    calendar: Calendar, zone: tzinfo, start: datetime, end: datetime
) -> Iterator[datetime]:
    """The instants in `(start, end]` at which it is due; both whole minutes, UTC."""
    now, shown = start - timedelta(days=2), set[datetime]()
    before = _local(now - MINUTE, zone)
    while now <= end:
        local = _local(now, zone)
        skipped = _between(before, local)
        if _is_due(calendar, local, skipped, shown) and now > start:
            yield now
        shown.add(local)
        now, before = now + MINUTE, local


def _is_due(
    calendar: Calendar, local: datetime, skipped: list[datetime], shown: set[datetime]
) -> bool:
    if calendar.every_hour:
        return _means(calendar, local)
    return any(_means(calendar, each) for each in skipped) or (
        _means(calendar, local) and local not in shown
    )


def _between(before: datetime, local: datetime) -> list[datetime]:
    """The minutes that no clock has shown."""
    count = (local - before) // MINUTE - 1
    return [before + n * MINUTE for n in range(1, count + 1)]


def _means(calendar: Calendar, local: datetime) -> bool:
    is_time = local.hour in calendar.hours and local.minute in calendar.minutes
    return is_time and calendar.is_on(local.date())


def _local(now: datetime, zone: tzinfo) -> datetime:
    return now.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
