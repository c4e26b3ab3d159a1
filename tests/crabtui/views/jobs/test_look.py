"""How a list is narrowed, part by part, without changing what the other parts mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crabtui.data.table.arranging import Arrangement
from crabtui.views.jobs.look import Look
from engine.model.filter import And, parse
from tests.engine.model.filter_strategies import queries


@pytest.mark.parametrize(
    ("where", "term", "now"),
    [
        ("", "queue:a", "queue:a"),
        ("state:failed", "queue:a", "state:failed queue:a"),
        ("a | b", "queue:a", "(a | b) queue:a"),
        ("(a | b) c", "queue:a", "(a | b) c queue:a"),
        ("since:1h queue:a", "since:5m", "queue:a since:5m"),
    ],
)
def test_a_term_is_added_to_all_of_the_filter(where: str, term: str, now: str) -> None:
    assert Look(where=where).with_term(term).where == now


@given(queries)
@settings(max_examples=100, deadline=None)
def test_the_chips_are_the_filter(query: object) -> None:
    look = Look(where=str(query.text))
    assert parse(" ".join(look.terms)) == parse(look.where)


@given(queries, st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_what_is_left_without_a_chip_means_what_it_meant(query: object, chip: int) -> None:
    look = Look(where=str(query.text))
    root = parse(look.where).root
    if isinstance(root, And) and chip < len(root.parts):
        rest = [part for place, part in enumerate(root.parts) if place != chip]
        left = parse(look.without(chip).where).root
        assert left == (rest[0] if len(rest) == 1 else And(tuple(rest)))


def test_each_narrowing_is_a_chip_that_goes_alone() -> None:
    look = Look(where="queue:a", problems=True, only=(1, 2), group="name")
    assert look.chips == ("queue:a", "! state:failed,timeout,retrying", "2 marked", "% name")
    assert look.without(0).where == ""
    assert not look.without(1).problems
    assert look.without(2).only is None
    assert look.without(3).group == ""
    assert look.without(4) == look


def test_time_goes_without_the_rest() -> None:
    look = Look(where="queue:a since:5m")
    assert look.without_term("since").where == "queue:a"


def test_columns_and_groups_are_about_the_same_rows() -> None:
    look = Look(where="queue:a")
    other = Look(where="queue:a", group="name", columns=Arrangement(wide=True))
    assert look.listed_as(other)
    assert not look.listed_as(Look())


@pytest.mark.parametrize(("where", "folds"), [("queue:a", True), ("fp:ab", False)])
def test_where_single_jobs_are_looked_for_nothing_is_folded(where: str, folds: bool) -> None:
    assert Look(where=where).folds is folds
