"""Quantiles from a histogram are near the true ones, and sums are exact."""

from hypothesis import given
from hypothesis import strategies as st

from engine.policy.trends.histogram import Histogram

lengths = st.lists(st.floats(0.05, 1e9), min_size=1, max_size=60)


def of(values: list[float]) -> Histogram:
    found = Histogram()
    for value in values:
        found.add(value)
    return found


@given(lengths, st.floats(0.01, 1.0))
def test_a_quantile_is_within_a_twentieth(values: list[float], share: float) -> None:
    from math import ceil

    true = sorted(values)[max(1, ceil(share * len(values))) - 1]
    found = of(values).quantile(share)
    assert found is not None
    assert true * 0.95 <= found <= true * 1.05


@given(lengths, lengths)
def test_merging_is_adding(some: list[float], others: list[float]) -> None:
    both = of(some)
    both.merge(of(others))
    assert both.steps == of(some + others).steps
    assert both.count == len(some) + len(others)


@given(st.lists(st.floats(-1e300, 1e300), max_size=500))
def test_it_stays_small_whatever_is_added(values: list[float]) -> None:
    assert len(of(values).steps) <= 420


def test_of_nothing_there_is_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None
