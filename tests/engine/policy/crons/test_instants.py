"""When schedules are due: against a walk through every minute, in zones that change."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.policy.crons.instants import after, instants
from engine.policy.crons.reading import read_schedule
from engine.policy.crons.schedule import Calendar
from tests.engine.policy.crons.walker import walk

CHANGES = (
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-10-04"),  # half an hour forward
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour back
    ("America/Santiago", "2026-04-05"),  # back over midnight
    ("America/Santiago", "2026-09-06"),  # a day without its midnight
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ("Africa/Casablanca", "2026-02-15"),
    ("Asia/Kolkata", "2026-06-01"),
    ("UTC", "2024-02-29"),
)
ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


def us(moment: datetime) -> int:
    return (moment.replace(tzinfo=UTC) - ORIGIN) // timedelta(microseconds=1)


def shown(spec: str, zone: str, start: str, number: int) -> list[str]:
    """The next instants after a local time, as the zone's clocks show them."""
    there = ZoneInfo(zone)
    begin = us(datetime.fromisoformat(start).replace(tzinfo=there).astimezone(UTC))
    found = islice(instants(read_schedule(spec), there, begin, begin), number)
    return [(ORIGIN + timedelta(microseconds=at)).astimezone(there).isoformat() for at in found]


def fields(least: int, most: int, *, open_too: bool = True) -> st.SearchStrategy[str]:
    numbers = st.lists(st.integers(least, most), min_size=1, max_size=4)
    some = numbers.map(lambda found: ",".join(map(str, found)))
    steps = st.integers(1, most).map(lambda step: f"*/{step}")
    return st.one_of([some, steps, *([st.just("*")] if open_too else [])])


SPECS = st.tuples(
    fields(0, 59),
    st.one_of(fields(0, 23), st.sampled_from(["1,2", "0", "23", "0,1,2,3"])),
    fields(1, 28),
    st.just("*"),
    st.one_of(st.just("*"), fields(0, 7)),
).map(" ".join)


@given(SPECS, st.sampled_from(CHANGES), st.integers(0, 2 * 1440))
@settings(max_examples=150, deadline=None)
def test_it_is_what_a_walk_through_all_minutes_finds(
    spec: str, change: tuple[str, str], begin: int
) -> None:
    zone, calendar = ZoneInfo(change[0]), read_schedule(spec)
    assert isinstance(calendar, Calendar)
    start = datetime.fromisoformat(change[1]) - timedelta(days=2) + timedelta(minutes=begin)
    end = start + timedelta(days=2)
    walked = [us(moment) for moment in walk(calendar, zone, start, end)]
    found = takewhile(lambda at: at <= us(end), instants(calendar, zone, us(start), 0))
    assert list(found) == walked


@given(st.integers(1, 10**7), st.integers(0, 10**12), st.integers(0, 10**12))
def test_an_interval_is_counted_from_its_anchor(every: int, anchor: int, at: int) -> None:
    schedule = read_schedule(f"@every {every}s")
    found = after(schedule, UTC, at, anchor)
    assert found is not None
    assert at < found <= at + every * 1_000_000
    assert (found - anchor) % (every * 1_000_000) == 0


def test_a_time_that_does_not_exist_comes_once_right_after_the_gap() -> None:
    assert shown("30 2 * * *", "America/New_York", "2026-03-07T12:00", 2) == [
        "2026-03-08T03:00:00-04:00",
        "2026-03-09T02:30:00-04:00",
    ]
    assert shown("5,15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", 2) == [
        "2026-10-04T02:30:00+11:00",
        "2026-10-05T02:05:00+11:00",
    ]


def test_a_time_that_comes_twice_counts_once() -> None:
    assert shown("30 1 * * *", "America/New_York", "2026-10-31T12:00", 2) == [
        "2026-11-01T01:30:00-04:00",
        "2026-11-02T01:30:00-05:00",
    ]
    assert shown("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", 2) == [
        "2026-04-05T01:45:00+11:00",
        "2026-04-06T01:45:00+10:30",
    ]


def test_with_open_hours_it_goes_by_the_minutes_that_the_clock_shows() -> None:
    assert shown("0 * * * *", "America/New_York", "2026-11-01T00:30", 3) == [
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T02:00:00-05:00",
    ]
    assert shown("30 * * * *", "America/New_York", "2026-03-08T01:00", 2) == [
        "2026-03-08T01:30:00-05:00",
        "2026-03-08T03:30:00-04:00",
    ]


def test_rare_days_are_found() -> None:
    assert shown("0 0 29 feb *", "UTC", "2096-03-01", 1) == ["2104-02-29T00:00:00+00:00"]
    assert shown("0 0 L * *", "UTC", "2027-02-01", 1) == ["2027-02-28T00:00:00+00:00"]
    assert shown("0 9 1 * mon", "UTC", "2026-06-02", 1) == ["2026-06-08T09:00:00+00:00"]
    assert shown("@weekly", "UTC", "2026-06-02", 1) == ["2026-06-07T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * *", "minute '60' is not 0 to 59"),
        ("* 24 * * *", "hour '24'"),
        ("* * * foo *", "month 'foo' is not 1 to 12 or jan"),
        ("*/0 * * * *", "a step is a number"),
        ("5-1 * * * *", "5 comes after 1"),
        ("0 0 31 2,4 *", "no such month has a day 31"),
        ("@dayly", "@daily"),
        ("@every 0s", "interval"),
        ("", "0 fields"),
        ("1,,2 * * * *", "minute ''"),
        ("٣ * * * *", "minute"),
        ("* " * 200, "at most"),
    ],
)
def test_what_cannot_be_read_is_named(spec: str, said: str) -> None:
    with pytest.raises(InvalidSpec) as told:
        read_schedule(spec)
    assert said in told.value.message
