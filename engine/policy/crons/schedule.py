"""Schedules as values: the fields of a calendar, or a fixed interval."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Minutes on the clock of some zone, on some days."""

    minutes: tuple[int, ...]
    """Ascending, as are the hours."""
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    last_day: bool = False
    """The last day of a month counts as one of the days."""
    either: bool = False
    """A day may match by its number or by its weekday; else it must by both."""
    every_hour: bool = False
    """The hours were left open: it goes by the minutes alone."""

    def is_on(self, day: date) -> bool:
        """Whether some minute of this day is meant."""
        if day.month not in self.months:
            return False
        by_number = day.day in self.days or (self.last_day and _is_last(day))
        by_weekday = day.isoweekday() % 7 in self.weekdays
        return by_number or by_weekday if self.either else by_number and by_weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Every so often, counted from the moment at which it was added."""

    every_us: int


Schedule: TypeAlias = Calendar | Interval


def _is_last(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1
