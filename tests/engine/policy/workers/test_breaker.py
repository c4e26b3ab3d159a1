"""The circuit breaker: when it opens, whom it lets through, and that nothing blocks it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.model.ids import AttemptId
from engine.model.worker import BreakerState
from engine.policy.workers import breaker
from engine.policy.workers.breaker import CLOSED, DEFAULT, Breaker

ONE, TWO, THREE = (AttemptId(f"{number}-1-1") for number in (1, 2, 3))


def tripped(now_s: float = 0.0) -> Breaker:
    """A breaker that has just opened."""
    found = CLOSED
    for _ in range(DEFAULT.failures):
        found = breaker.failed(found, "the spool is full", now_s, ONE, DEFAULT)
    assert found.state is BreakerState.OPEN
    return found


def tried(*attempts: AttemptId) -> Breaker:
    """A half-open one that has let these through."""
    found = breaker.after_rest(tripped(), DEFAULT.open_s)
    for attempt in attempts:
        found = breaker.granted(found, attempt)
    return found


def test_five_failures_in_a_row_open_it_and_one_success_between_starts_anew() -> None:
    found = CLOSED
    for _ in range(DEFAULT.failures - 1):
        found = breaker.failed(found, "no", 0.0, ONE, DEFAULT)
    found = breaker.succeeded(found, 0.0, TWO, DEFAULT)
    for _ in range(DEFAULT.failures - 1):
        found = breaker.failed(found, "no", 0.0, ONE, DEFAULT)
    assert found.state is BreakerState.CLOSED
    found = breaker.failed(found, "no more", 0.0, ONE, DEFAULT)
    assert (found.state, found.failures, found.why) == (BreakerState.OPEN, 5, "no more")
    assert breaker.permits(found, DEFAULT) == 0


def test_it_rests_for_a_minute_and_then_lets_three_through() -> None:
    open_ = tripped(now_s=7.0)
    assert breaker.after_rest(open_, 66.9) is open_
    then = breaker.after_rest(open_, 67.0)
    assert then.state is BreakerState.HALF_OPEN
    assert breaker.permits(then, DEFAULT) == 3


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ("+++", BreakerState.CLOSED),
        ("++", BreakerState.CLOSED),
        ("-++", BreakerState.CLOSED),
        ("+-+", BreakerState.CLOSED),
        ("--", BreakerState.OPEN),
        ("+--", BreakerState.OPEN),
        ("+-", BreakerState.HALF_OPEN),
    ],
)
def test_finished_probes_decide_whoever_else_is_under_way(
    ends: str, state: BreakerState
) -> None:
    found = tried(ONE, TWO, THREE)
    for end, attempt in zip(ends, (ONE, TWO, THREE), strict=False):
        if end == "+":
            found = breaker.succeeded(found, 61.0, attempt, DEFAULT)
        else:
            found = breaker.failed(found, "no", 61.0, attempt, DEFAULT)
    assert found.state is state


def test_only_probes_count_while_it_is_half_open() -> None:
    found = tried(ONE)
    assert breaker.failed(found, "an old one", 61.0, TWO, DEFAULT) is found
    assert breaker.succeeded(found, 61.0, TWO, DEFAULT) is found
    assert breaker.failed(found, "a batch", 61.0, None, DEFAULT) is found


@given(st.lists(st.sampled_from("+-"), max_size=60))
def test_it_opens_exactly_at_the_fifth_failure_in_a_row(signs: list[str]) -> None:
    found, row = CLOSED, 0
    for sign in signs:
        row = row + 1 if sign == "-" else 0
        if sign == "-":
            found = breaker.failed(found, "no", 0.0, ONE, DEFAULT)
        else:
            found = breaker.succeeded(found, 0.0, ONE, DEFAULT)
        assert (found.state is BreakerState.OPEN) == (row >= DEFAULT.failures)
        if row >= DEFAULT.failures:
            return


@dataclass(slots=True)
class Under:
    """What a test knows of attempts that are under way."""

    way: list[AttemptId] = field(default_factory=list)
    begun: int = 0


class Life(RuleBasedStateMachine):
    """Any order of grants, ends and drops, as a worker could see them."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.under, self.now_s = CLOSED, Under(), 0.0

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.breaker = breaker.after_rest(self.breaker, self.now_s)

    @precondition(lambda self: breaker.permits(self.breaker, DEFAULT) != 0)
    @rule()
    def an_attempt_is_let_through(self) -> None:
        self.under.begun += 1
        attempt = AttemptId(f"{self.under.begun}-1-1")
        self.under.way.append(attempt)
        self.breaker = breaker.granted(self.breaker, attempt)

    @precondition(lambda self: self.under.way)
    @rule(which=st.randoms(use_true_random=False), how=st.sampled_from("+-0"))
    def one_ends(self, which, how: str) -> None:  # type: ignore[no-untyped-def]
        attempt = self.under.way.pop(which.randrange(len(self.under.way)))
        if how == "+":
            self.breaker = breaker.succeeded(self.breaker, self.now_s, attempt, DEFAULT)
        elif how == "-":
            self.breaker = breaker.failed(self.breaker, "no", self.now_s, attempt, DEFAULT)
        else:
            self.breaker = breaker.dropped(self.breaker, attempt)

    @invariant()
    def permits_and_probes_never_come_to_more_than_there_are(self) -> None:
        left = breaker.permits(self.breaker, DEFAULT)
        probing = len(self.breaker.probing)
        assert left is None or 0 <= left <= DEFAULT.probes
        assert probing + self.breaker.succeeded + self.breaker.failed <= DEFAULT.probes

    @invariant()
    def half_open_it_always_lets_one_through_or_waits_for_one(self) -> None:
        if self.breaker.state is BreakerState.HALF_OPEN:
            assert breaker.permits(self.breaker, DEFAULT) or self.breaker.probing
            assert self.breaker.probing <= set(self.under.way)


TestLife = Life.TestCase
