"""A board is a window into a list, and calm while a hand moves."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.table.board import MOST_ROWS, Board, Calm, ids_between, new_rows
from crabtui.data.table.cursor import Cursor, reseat
from tests.crabtui.data.rows import a_page


def a_board(ids, **page):
    return Board().apply(a_page(ids, **page), 1.0)


def ids_of(board):
    return [board.rows[place].id for place in sorted(board.rows)]


def test_pages_are_put_at_their_places():
    board = a_board([1, 2, 3], total=9).apply(a_page([7, 8], offset=6, total=9))
    assert (board.at(6).id, board.place_of(2), board.at(4)) == (7, 1, None)
    assert board.missing(0, 9) == (3, 6)
    assert board.missing(0, 3) is None
    assert board.missing(5, 100) == (5, 4)


def test_a_newer_page_takes_rows_away_from_where_they_were():
    board = a_board([1, 2, 3, 4]).apply(a_page([4, 1], total=4, seq=2))
    assert [board.at(place) and board.at(place).id for place in range(4)] == [4, 1, 3, None]


def test_an_older_page_changes_nothing():
    board = a_board([1, 2], seq=5)
    assert board.apply(a_page([9, 8], seq=4)) is board


def test_rows_past_a_shorter_end_go():
    board = a_board([1, 2, 3, 4]).apply(a_page([1], total=2, seq=2))
    assert ids_of(board) == [1, 2]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 400)), max_size=20))
def test_a_board_stays_small_and_its_places_true(windows):
    board = Board()
    for seq, (offset, count) in enumerate(windows, 1):
        ids = range(offset + 1, offset + count + 1)
        board = board.apply(a_page(ids, offset=offset, total=2 * 10**6, seq=seq))
        assert len(board.rows) <= MOST_ROWS
        assert board.missing(offset, offset + count) is None
    assert all(board.rows[place].id == job for job, place in board.places.items())


def test_ids_of_a_range_or_nothing():
    board = a_board([5, 6, 7], total=9)
    assert list(ids_between(board, 2, 0)) == [5, 6, 7]
    assert ids_between(board, 0, 3) is None


def test_values_change_at_once_and_order_waits_for_the_hand():
    calm = Calm().offered(a_board([1, 2, 3]), 10.0).moved(10.0)
    page = a_page([9, 3, 2, 1], seq=2)
    page = type(page)(
        jobs=tuple(type(row)(**{**_fields(row), "state": "running"}) for row in page.jobs),
        offset=0,
        total=4,
        total_is_exact=True,
        seq=2,
    )
    calm = calm.offered(calm.shown.apply(page), 11.0)
    assert ids_of(calm.shown) == [1, 2, 3]
    assert {row.state for row in calm.shown.rows.values()} == {"running"}
    assert calm.pill == 1
    assert calm.settled(11.9) is calm
    settled = calm.settled(12.0)
    assert (ids_of(settled.shown), settled.pill) == ([9, 3, 2, 1], 0)


def _fields(row):
    return {name: getattr(row, name) for name in row.__struct_fields__}


def test_what_moves_nothing_is_shown_at_once():
    calm = Calm().offered(a_board([1, 2, 3]), 10.0).moved(10.0)
    fresh = calm.shown.apply(a_page([1, 2, 3], seq=2))
    assert calm.offered(fresh, 10.1).shown is fresh


def test_scrolling_under_a_moving_hand_still_loads():
    calm = Calm().offered(a_board([1, 2, 3], total=6), 10.0).moved(10.0)
    fresh = calm.shown.apply(a_page([4, 5, 6], offset=3, total=6, seq=1))
    assert ids_of(calm.offered(fresh, 10.1).shown) == [1, 2, 3, 4, 5, 6]


def test_the_pill_is_taken_by_hand_too():
    calm = Calm().offered(a_board([1, 2]), 10.0).moved(10.0)
    calm = calm.offered(calm.shown.apply(a_page([8, 9, 1, 2], seq=2)), 10.5)
    assert calm.pill == 2
    assert ids_of(calm.taken().shown) == [8, 9, 1, 2]


def test_a_frozen_picture_does_not_change_at_all():
    calm = Calm(shown=a_board([1, 2]), frozen=True)
    later = calm.offered(calm.shown.apply(a_page([3, 1, 2], seq=2)), 99.0)
    assert later.shown is calm.shown
    assert later.pill == 1


def test_the_first_picture_is_not_new():
    assert new_rows(Board(), a_board([1, 2, 3])) == 0


def test_a_cursor_outside_what_is_loaded_keeps_its_job():
    old = a_board(range(100), total=1000)
    new = a_board(range(500, 600), offset=500, total=1000, seq=2)
    kept = reseat(Cursor(7, 7), old, new)
    assert (kept.cursor, kept.lost) == (Cursor(7, 7), None)


def test_a_cursor_goes_to_the_neighbour_before_if_none_follows():
    moved = reseat(Cursor(4, 3), a_board([1, 2, 3, 4]), a_board([1, 2, 3], seq=2))
    assert (moved.cursor, moved.lost) == (Cursor(3, 2), 4)


@given(st.permutations(list(range(1, 9))), st.sets(st.integers(1, 8)), st.integers(0, 7))
def test_a_cursor_is_always_on_a_row_that_exists(order, gone, place):
    old = a_board(range(1, 9))
    new = a_board([job for job in order if job not in gone], seq=2)
    cursor = reseat(Cursor(place + 1, place), old, new).cursor
    if new.total:
        assert new.at(cursor.place).id == cursor.job
    else:
        assert cursor.job is None
    if place + 1 not in gone:
        assert cursor.job == place + 1
