"""Rings keep what they say for as long as they say, and count everything once."""

from hypothesis import given
from hypothesis import strategies as st

from engine.policy.trends.ring import Ring
from engine.policy.trends.series import COARSE_US, FINE_US, HOUR_US, LONGEST_US, US, Series

instants = st.lists(st.integers(0, 3 * HOUR_US), max_size=80).map(sorted)


def fed(ats: list[int]) -> Series:
    series = Series()
    for at in ats:
        series.bucket(at).done += 1
    return series


@given(instants, st.integers(1, 60))
def test_a_window_counts_what_is_in_it_once(ats: list[int], number: int) -> None:
    now_at = max(ats, default=0)
    window = fed(ats).window(now_at, HOUR_US, number)
    inside = [
        at for at in ats if at >= window.begin_at and now_at // FINE_US - at // FINE_US < 360
    ]
    assert sum(bucket.done for bucket in window.buckets) == len(inside)
    assert len(window.buckets) <= number


@given(instants, st.integers(1, 200))
def test_a_day_counts_everything_of_it(ats: list[int], number: int) -> None:
    window = fed(ats).window(max(ats, default=0), LONGEST_US, number)
    assert sum(bucket.done for bucket in window.buckets) == len(ats)


@given(instants)
def test_each_group_has_what_happened_in_it(ats: list[int]) -> None:
    now_at = max(ats, default=0)
    window = fed(ats).window(now_at, HOUR_US // 2, 30)
    for place, bucket in enumerate(window.buckets):
        begin = window.begin_at + place * window.width_us
        assert bucket.done == sum(begin <= at < begin + window.width_us for at in ats)


@given(instants, instants)
def test_what_was_before_is_added_to_what_is_now(past: list[int], now: list[int]) -> None:
    shift = max(past, default=0)
    later = [shift + at for at in now]
    series = fed(later)
    series.take_in(fed(past))
    end = max(later + past, default=0)
    for range_us in (HOUR_US, LONGEST_US):
        split = series.window(end, range_us, 12).buckets
        whole = fed(past + later).window(end, range_us, 12).buckets
        assert [b.done for b in split] == [b.done for b in whole]


@given(st.lists(st.integers(0, 10**15), max_size=300))
def test_memory_is_bounded_whatever_the_clock_does(ats: list[int]) -> None:
    ring = Ring(FINE_US, 20)
    for at in ats:
        ring.bucket(at)
        assert len(ring) <= 20


def test_a_depth_stays_until_another_is_known() -> None:
    series = Series()
    series.bucket(0).depth = 7
    series.bucket(40 * US).depth = 9
    window = series.window(60 * US, 60 * US, 6)
    assert [bucket.depth for bucket in window.buckets] == [7, 7, 7, 9, 9, 9]
    assert series.window(9 * COARSE_US, COARSE_US, 4).buckets[-1].depth == 9


def test_now_is_the_last_minute_and_how_long_that_was() -> None:
    series = fed([0, 55 * US, 62 * US])
    bucket, seconds = series.recent(65 * US)
    assert (bucket.done, seconds) == (3, 65.0)
    bucket, seconds = series.recent(75 * US)
    assert (bucket.done, seconds) == (2, 65.0)


def test_a_clock_that_is_set_back_far_does_not_stop_the_counting() -> None:
    series = fed([HOUR_US, 0, FINE_US])
    for range_us in (HOUR_US, LONGEST_US):
        assert sum(b.done for b in series.window(FINE_US, range_us, 60).buckets) == 2


def test_a_little_earlier_than_before_is_now() -> None:
    series = fed([2 * HOUR_US, 2 * HOUR_US - 60 * US])
    assert sum(b.done for b in series.window(2 * HOUR_US, HOUR_US, 360).buckets[-1:]) == 2
