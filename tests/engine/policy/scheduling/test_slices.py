"""Turns by share: exact, interleaved, lent while idle, and nothing saved up."""

from collections import Counter
from itertools import pairwise
from typing import TypeVar

from hypothesis import example, given
from hypothesis import strategies as st

from engine.model.priority import SHARES, Priority
from engine.policy.scheduling.slices import SCALE, Contest

K = TypeVar("K", bound=str | int)


def grants(contest: Contest[K], number: int) -> list[K]:
    given_: list[K] = []
    while len(given_) < number and (leader := contest.leader()) is not None:
        contest.charge()
        given_.append(leader)
    return given_


EXACT = {Priority.CRITICAL: 50, Priority.HIGH: 30, Priority.NORMAL: 15, Priority.LOW: 5}


def test_any_hundred_in_a_row_are_the_shares() -> None:
    run = grants(Contest(SHARES, {}), 500)
    for first in range(400):
        assert Counter(run[first : first + 100]) == EXACT


@given(st.lists(st.tuples(st.sets(st.sampled_from(Priority)), st.integers(1, 40)), max_size=8))
def test_any_hundred_are_exact_whatever_came_before(
    before: list[tuple[set[Priority], int]],
) -> None:
    owed: dict[Priority, int] = {}
    for waiting, number in before:
        contest = Contest({p: SHARES[p] for p in waiting}, owed)
        grants(contest, number)
        owed = contest.owed()
    run = grants(Contest(SHARES, owed), 250)
    for first in range(150):
        assert Counter(run[first : first + 100]) == EXACT


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=1),
    st.lists(st.integers(0, 5), max_size=30),
)
@example({"a": 2, "b": 2, "c": 1}, [4, 3])
def test_many_rounds_grant_what_one_does(shares: dict[str, int], rounds: list[int]) -> None:
    owed: dict[str, int] = {}
    run: list[str] = []
    for number in rounds:
        contest = Contest(shares, owed)
        run += grants(contest, number)
        owed = contest.owed()
    assert run == grants(Contest(shares, {}), sum(rounds))


def test_no_class_runs_on_in_blocks() -> None:
    run = grants(Contest(SHARES, {}), 200)
    assert all(a != b or a == Priority.CRITICAL for a, b in pairwise(run))
    assert not any(a == b == c for a, b, c in zip(run, run[1:], run[2:], strict=False))


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 100), min_size=1),
    st.integers(1, 300),
)
def test_nobody_falls_behind_by_as_many_grants_as_there_are_contenders(
    shares: dict[str, int], number: int
) -> None:
    contest = Contest(shares, {})
    total = sum(shares.values())
    counts: Counter[str] = Counter()
    for grant in range(1, number + 1):
        leader = contest.leader()
        assert leader is not None
        contest.charge()
        counts[leader] += 1
        due = {key: grant * share // total for key, share in shares.items()}
        assert all(due[key] - counts[key] < len(shares) for key in shares)


def test_an_idle_class_lends_its_turns_and_saves_nothing() -> None:
    alone = Contest({Priority.LOW: 5}, {})
    assert grants(alone, 1000) == [Priority.LOW] * 1000
    run = grants(Contest(SHARES, alone.owed()), 100)
    assert Counter(run) == EXACT


def test_who_cannot_take_its_grant_is_not_charged() -> None:
    contest = Contest(SHARES, {})
    assert contest.leader() is Priority.CRITICAL
    contest.drop()
    assert grants(contest, 3) == [Priority.HIGH, Priority.NORMAL, Priority.LOW]
    assert Priority.CRITICAL not in contest.owed()
    assert Contest(SHARES, contest.owed()).leader() is Priority.CRITICAL


@given(st.integers(0, 200))
def test_nobody_saves_up_a_grant(number: int) -> None:
    contest = Contest(SHARES, {})
    grants(contest, number)
    assert all(amount <= 1 < SCALE // 100 for amount in contest.owed().values())


def test_an_empty_contest_has_no_leader() -> None:
    assert Contest({}, {"a": -3}).leader() is None
