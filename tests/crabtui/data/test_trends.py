"""Sparklines and numbers of the Pulse view."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.trends import milliseconds, rate, sparkline, trends
from tests.kit.pulse import a_trends_view

values = st.lists(st.none() | st.floats(0, 1e12), max_size=200)


@given(values, st.integers(0, 120))
def test_a_sparkline_is_as_wide_as_it_may_be(some: list[float | None], width: int) -> None:
    assert len(sparkline(some, width)) == width


@given(values, st.integers(1, 120))
def test_the_highest_is_always_seen(some: list[float | None], width: int) -> None:
    is_up = any(value for value in some)
    assert ("█" in sparkline(some, width)) == is_up


def test_the_newest_is_at_the_right_and_the_highest_of_each_cell_counts() -> None:
    assert sparkline([0, 1, 8], 3) == "▁▂█"
    assert sparkline([0, 9, 0, 0, 0, 3], 3) == "█▁▃"
    assert sparkline([None, 0.0, None, 4.0], 4) == " ▁ █"


def test_what_is_little_is_told_from_nothing() -> None:
    assert sparkline([0.0, 0.001, 1_000.0], 3) == "▁▂█"


def test_few_values_take_several_cells_each() -> None:
    assert sparkline([1, 8], 6) == "▂▂▂███"


@pytest.mark.parametrize(
    ("per_s", "text"),
    [(None, "-"), (0, "0.0"), (0.01, "0.01"), (0.1, "0.1"), (4.12, "4.1"), (1_204.4, "1,204")],
)
def test_rates(per_s: float | None, text: str) -> None:
    assert rate(per_s) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"),
        (0.4, "0.4ms"),
        (9.96, "10ms"),
        (210.4, "210ms"),
        (1_900, "1.9s"),
        (14_000, "14s"),
        (372_000, "6m12s"),
    ],
)
def test_lengths_of_time(ms: float | None, text: str) -> None:
    assert milliseconds(ms) == text


def test_the_lines_are_those_of_the_view() -> None:
    lines = {line.name: line for line in trends(a_trends_view())}
    assert list(lines) == [
        "done/s",
        "fail/s",
        "run p50",
        "run p95",
        "wait p95",
        "depth",
        "retries",
        "round p95",
    ]
    assert (lines["done/s"].now, lines["done/s"].peak) == ("4.1", "7.9")
    assert (lines["depth"].now, lines["depth"].peak) == ("1,204", "1,260")
    assert lines["round p95"].note == "budget 100ms"
    assert lines["round p95"].token == "bad"


def test_what_was_before_the_counting_began_is_not_known() -> None:
    view = a_trends_view()
    later = msgspec.structs.replace(view, since_at=view.begin_at + 10 * 60_000_000)
    lines = {line.name: line for line in trends(later)}
    for name in ("done/s", "fail/s", "retries"):
        assert list(lines[name].values[:10]) == [None] * 10
        assert None not in lines[name].values[10:]
    nothing = msgspec.structs.replace(view, since_at=None)
    assert set(trends(nothing)[0].values) == {None}
