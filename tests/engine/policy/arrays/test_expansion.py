"""Expansion: which members values, a grid and lines come to."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.policy.arrays.expansion import MOST, expand, sweep


def items(*words: str) -> list[str]:
    return [params["item"] for params in sweep(words, {}, ())]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["1-3"], ["1", "2", "3"]),
        (["0-10:5"], ["0", "5", "10"]),
        (["0-9:5"], ["0", "5"]),
        (["7-7"], ["7"]),
        (["-2-1"], ["-2", "-1", "0", "1"]),
        (["08-11"], ["08", "09", "10", "11"]),
        (["a", "b-c", "2024-01-05", ""], ["a", "b-c", "2024-01-05", ""]),
        (["x", "1-2"], ["x", "1", "2"]),
    ],
)
def test_words_and_ranges(words: list[str], values: list[str]) -> None:
    assert items(*words) == values


@pytest.mark.parametrize(
    ("word", "said", "near"),
    [
        ("10-1", "backwards", "1-10"),
        ("10-1:3", "backwards", "1-10:3"),
        ("1-10:0", "step of 0", "1-10"),
        ("1-9999999", "9999999 values", None),
        ("1-99999999999999999999", "too large", None),
        ("a\nb", "control|character", None),
        ("a\udc80", "character", None),
    ],
)
def test_what_is_no_value_is_named_with_its_place(
    word: str, said: str, near: str | None
) -> None:
    with pytest.raises(InvalidSpec, match=said) as wrong:
        sweep(["ok", word], {}, ())
    assert wrong.value.field == "values[1]"
    assert wrong.value.nearest == near


def test_the_last_parameter_of_a_grid_turns_fastest() -> None:
    grid = sweep((), {"lr": ["0.1", "0.01"], "seed": ["1-3"]}, ())
    assert [(one["lr"], one["seed"]) for one in grid] == [
        *product(["0.1", "0.01"], ["1", "2", "3"])
    ]


@pytest.mark.parametrize(
    ("name", "near"), [("a-b", "a_b"), ("1st", "st"), ("", "item"), ("index", None)]
)
def test_a_parameter_needs_a_name_that_a_variable_may_have(name: str, near: str | None) -> None:
    with pytest.raises(InvalidSpec) as wrong:
        sweep((), {name: ["1"]}, ())
    assert wrong.value.nearest == near


def test_names_that_a_member_would_see_as_one_are_refused() -> None:
    with pytest.raises(InvalidSpec, match="CRAB_PARAM_LR"):
        sweep((), {"lr": ["1"], "LR": ["2"]}, ())


def test_lines_are_taken_as_they_are() -> None:
    assert [one["line"] for one in sweep((), {}, ["1-3", " a  b", "c\td"])] == [
        "1-3",
        " a  b",
        "c\td",
    ]


def test_exactly_one_way_of_saying_what_the_members_are() -> None:
    with pytest.raises(InvalidSpec, match="none"):
        sweep((), {}, ())
    with pytest.raises(InvalidSpec, match="values and lines"):
        sweep(["1"], {}, ["x"])


def test_a_grid_that_is_too_large_says_how_large_it_is() -> None:
    with pytest.raises(InvalidSpec, match="1000 x 1001 = 1001000"):
        sweep((), {"a": ["1-1000"], "b": ["1-1001"]}, ())
    assert sweep((), {"a": ["1-1000"], "b": ["1-1000"]}, ()).count == MOST


axes = st.dictionaries(
    st.from_regex(r"\A[a-h]\Z"),
    st.lists(st.text("abc", max_size=3), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@given(axes)
def test_a_member_is_the_same_by_its_place_and_in_line(grid: dict[str, list[str]]) -> None:
    found = sweep((), grid, ())
    members = list(found)
    assert len(members) == found.count
    assert [found.at(n) for n in range(found.count)] == members
    assert [tuple(one.values()) for one in members] == [*product(*grid.values())]


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 7))
def test_a_range_is_that_of_python(first: int, length: int, step: int) -> None:
    last = first + length
    assert [int(value) for value in expand([f"{first}-{last}:{step}"], "values")] == [
        *range(first, last + 1, step)
    ]
