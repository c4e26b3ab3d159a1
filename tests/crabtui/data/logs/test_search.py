"""What was found stays in order, is counted, and is bounded."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.logs import search as log_search
from crabtui.data.logs.search import LogSearch


@given(st.lists(st.integers(0, 1_000), unique=True), st.lists(st.integers(0, 1_000)))
def test_pieces_in_any_order_make_one_list(offsets, cuts):
    search = LogSearch("x")
    edges = sorted({0, 1_001, *cuts})
    pieces = list(pairwise(edges))
    for start, end in reversed(pieces):
        search.take([at for at in sorted(offsets) if start <= at < end], start, end)
    assert list(search.found) == sorted(offsets)
    assert (search.start, search.end) == (0, 1_001)


def test_one_goes_around():
    search = LogSearch("x")
    assert (search.after(5), search.before(5)) == (None, None)
    search.take([0, 6, 17], 0, 20)
    assert (search.after(6), search.before(6), search.after(17), search.before(0)) == (
        17, 0, 0, 17,
    )  # fmt: skip
    assert search.counted(6, is_whole=True) == "2/3"
    assert search.counted(None, is_whole=False) == "3+"


def test_a_line_that_is_told_twice_counts_once():
    search = LogSearch("x")
    search.take([0, 6], 0, 10)
    search.take([6, 12], 6, 20)
    assert list(search.found) == [0, 6, 12]


def test_the_newest_are_kept_where_there_are_too_many(monkeypatch):
    monkeypatch.setattr(log_search, "MOST_FOUND", 5)
    search = LogSearch("x")
    search.take(range(10, 20), 10, 20)
    search.take(range(10), 0, 10)
    assert list(search.found) == [15, 16, 17, 18, 19]
    assert search.counted(None, is_whole=True) == "5+"


def test_what_is_gone_for_good_is_not_gone_to():
    search = LogSearch("x")
    search.take([1, 5, 9], 0, 10)
    search.forget_before(5)
    assert list(search.found) == [5, 9]
