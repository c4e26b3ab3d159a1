"""Somebody's own columns: what fits, what goes first, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.table.arranging import (
    ALL,
    AUTOMATIC,
    Arrangement,
    arranged,
    format_arrangement,
    parse_arrangement,
)
from crabtui.data.table.columns import GUTTER, ORDER, layout
from engine.errors import InvalidSpec

keys = st.lists(st.sampled_from(list(ALL)), min_size=1, unique=True).map(tuple)
widths = st.dictionaries(st.sampled_from(list(ALL)), st.integers(2, 80), max_size=3)


def titles(width: int, wish: Arrangement, sort: str = "") -> str:
    return " ".join(col.key for col in arranged(width, wish, sort=sort).columns)


@given(st.integers(60, 300))
def test_nobodys_wish_is_the_standard_and_says_how_many_are_hidden(width: int) -> None:
    found = arranged(width)
    assert found.columns == layout(width)
    assert found.hidden == len(ORDER) - len(layout(width))


@given(st.integers(60, 300), keys, widths, st.booleans())
def test_whatever_is_wished_fills_the_width_and_keeps_names(
    width: int, some: tuple[str, ...], sizes: dict[str, int], wide: bool
) -> None:
    wish = Arrangement(keys=some, widths=tuple(sizes.items()), wide=wide)
    found = arranged(width, wish)
    assert "name" in {col.key for col in found.columns}
    assert GUTTER + sum(col.width + 1 for col in found.columns) + 1 == width
    rest = {column.key for _, column in ORDER} if wide else {"name"}
    assert len(found.columns) + found.hidden == len({*some, *rest})


def test_columns_come_in_the_order_asked_for() -> None:
    assert (
        titles(120, Arrangement(keys=("time", "name", "id", "state"))) == "time name id state"
    )


def test_a_wide_table_shows_what_fits_beside_short_names() -> None:
    assert titles(80, Arrangement(wide=True)) != titles(80, AUTOMATIC)
    assert arranged(80, Arrangement(wide=True)).hidden < arranged(80).hidden


def test_the_column_sorted_by_stays() -> None:
    wish = Arrangement(keys=("id", "name", "ended", "queue", "worker", "note", "owner", "att"))
    assert "ended" not in titles(60, wish)
    assert "ended" in titles(60, wish, sort="ended")


@given(keys, widths)
def test_what_is_written_is_read_back(some: tuple[str, ...], sizes: dict[str, int]) -> None:
    wish = Arrangement(keys=some, widths=tuple((k, w) for k, w in sizes.items() if k in some))
    read = parse_arrangement(format_arrangement(wish))
    assert (read.keys, dict(read.widths)) == (wish.keys, dict(wish.widths))


@pytest.mark.parametrize(
    ("text", "said"),
    [("id nmae", "name"), ("id id", "twice"), ("id:1", "2 to 80"), ("id:x", "2 to 80")],
)
def test_what_is_no_arrangement_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        parse_arrangement(text)
    assert said in caught.value.message


def test_auto_is_the_standard() -> None:
    assert parse_arrangement("auto") == AUTOMATIC
    assert format_arrangement(AUTOMATIC) == "auto"
