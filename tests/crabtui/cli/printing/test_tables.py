"""Tables: aligned by cells, and no wider than the terminal if that can be."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.cli.printing.tables import NARROWEST, clip, fields, shrunk, table, width


@given(st.lists(st.integers(1, 300), min_size=1, max_size=9), st.integers(20, 200))
def test_shrinking_fits_or_everything_is_narrow(widths: list[int], columns: int) -> None:
    fitted = shrunk(widths, columns)
    assert all(
        min(now, NARROWEST) <= now <= was for now, was in zip(fitted, widths, strict=True)
    )
    fits = sum(fitted) + 2 * (len(fitted) - 1) <= columns
    assert fits or max(fitted) <= NARROWEST
    if sum(widths) + 2 * (len(widths) - 1) <= columns:
        assert fitted == widths


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.integers(1, 30))
def test_a_clipped_text_fits(text: str, cells: int) -> None:
    assert width(clip(text, cells)) <= cells


def test_wide_characters_count_twice() -> None:
    lines = table(("A", "B"), [("日本", "x"), ("é", "y")])
    assert lines == ["A     B", "日本  x", "é     y"]


def test_numbers_stand_at_the_right() -> None:
    assert table(("N",), [("5",), ("123",)], right=frozenset({"N"})) == ["  N", "  5", "123"]


def test_fields_without_a_value_are_left_out() -> None:
    assert fields([("a", "1"), ("long", ""), ("bcd", "x\ny")]) == ["a    1", "bcd  x␊y"]
