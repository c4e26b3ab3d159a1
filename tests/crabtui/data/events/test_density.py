"""Counts over time as strips, and the axis below them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.events.density import ZOOMS, Axis, strip, strip_rows, width_text, zoomed
from crabtui.data.gauges import STEPS
from crabtui.data.wording import Zone

AT = 1_795_000_020_000_000
S = 1_000_000


@given(st.lists(st.integers(0, 10_000), max_size=80), st.integers(0, 70))
def test_a_strip_has_a_cell_for_a_bucket_and_blanks_only_where_nothing_was(numbers, width):
    drawn = strip(numbers, width)
    shown = numbers[-width:] if width else []
    assert len(drawn) == width
    for number, cell in zip(shown, drawn[len(drawn) - len(shown) :], strict=True):
        assert (cell == " ") == (number == 0)
    if any(shown):
        assert drawn[width - len(shown) + shown.index(max(shown))] == "█"


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=20))
def test_more_is_never_drawn_lower(numbers):
    steps = [STEPS.index(cell) for cell in strip(numbers, len(numbers))]
    for one, other in pairwise(numbers):
        here, there = steps[numbers.index(one)], steps[numbers.index(other)]
        assert (one <= other) <= (here <= there)


@given(st.lists(st.integers(0, 10_000), max_size=30), st.integers(1, 4))
def test_rows_of_a_strip_stand_on_each_other(numbers, rows):
    drawn = strip_rows(numbers, 30, rows)
    assert [len(row) for row in drawn] == [30] * rows
    for column, number in zip(
        zip(*drawn, strict=True), [0] * (30 - len(numbers)) + numbers, strict=True
    ):
        below = column[::-1]
        assert (below[0] != " ") == (number > 0)
        for lower, upper in pairwise(below):
            assert upper == " " or lower == "█"
    assert strip_rows(numbers, 30, 1) == [strip(numbers, 30)]


def test_zooming_stops_at_both_ends():
    assert zoomed(30, 1) == 10
    assert zoomed(10, 1) == 10
    assert zoomed(30, -1) == 60
    assert zoomed(ZOOMS[-1], -5) == ZOOMS[-1]
    assert zoomed(600, 0) in ZOOMS


def test_widths_in_words():
    told = [width_text(s) for s in (10, 60, 90, 300, 3_600, 5_400, 86_400)]
    assert told == ["10s", "1m", "1m30s", "5m", "1h", "1h30m", "1d"]


def test_an_axis_has_its_ticks_at_round_times_over_their_labels():
    axis = Axis(start_at=AT // 60_000_000 * 60_000_000, bucket_s=60, count=25, cursor=13)
    assert axis.ticks() == "───┬─────────┬──────────┬─"[:13] + "▲" + "─" * 9 + "┬─"
    assert axis.labels() == "   11:10     11:20       "
    now = Axis(start_at=AT, bucket_s=30, count=12)
    assert now.ticks() == "──────┬────┤"
    assert now.labels() == "      11:10 "


def test_days_are_told_where_they_begin_in_the_zone():
    zone = Zone("CET", 3_600)
    begins = AT // (86_400 * S) * 86_400 * S - 3_600 * S
    axis = Axis(start_at=begins, bucket_s=3_600, count=30)
    assert axis.labels(zone) == "18 Nov      12:00       19 Nov"


@given(
    st.integers(0, 200), st.sampled_from(ZOOMS), st.integers(0, 10_000), st.integers(-14, 14)
)
def test_an_axis_is_as_wide_as_its_buckets(count, bucket_s, number, hours):
    zone = Zone("X", hours * 3_600)
    axis = Axis(start_at=number * bucket_s * S, bucket_s=bucket_s, count=count)
    assert len(axis.ticks(zone)) == len(axis.labels(zone)) == count
    for place, cell in enumerate(axis.ticks(zone)):
        if cell == "┬":
            assert (number * bucket_s + place * bucket_s + hours * 3_600) % 60 == 0
