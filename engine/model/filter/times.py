"""Instants of a filter, made absolute once it is known when "now" is."""

from typing import Final

from engine.model.filter.values import DAY, HOUR, SECOND, Duration, Moment, TimeOfDay, Value

_AHEAD: Final = HOUR


def lower_bound(value: Value, now_at: int) -> int:
    """UTC microseconds that `since:value` means: a time of day is the latest one past."""
    if isinstance(value, TimeOfDay):
        return _latest(value, now_at)
    return _absolute(value, now_at)


def upper_bound(value: Value, now_at: int) -> int:
    """UTC microseconds that `until:value` means.

    A time of day is the latest one, where the next hour counts as past: at 13:45
    `until:13:50` is today's.
    """
    if isinstance(value, TimeOfDay):
        return _latest(value, now_at + _AHEAD)
    return _absolute(value, now_at)


def _latest(value: TimeOfDay, now_at: int) -> int:
    return now_at - (now_at - value.second * SECOND) % DAY


def _absolute(value: Value, now_at: int) -> int:
    if isinstance(value, Moment):
        return value.at
    return now_at - value.us if isinstance(value, Duration) else now_at
