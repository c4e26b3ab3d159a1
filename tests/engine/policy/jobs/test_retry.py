"""Whether an end is tried again, and after how long."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Category
from engine.model.limits import PRESETS, Backoff, RetryPolicy
from engine.model.outcome import Outcome, Trouble, Verdict
from engine.policy.jobs.outcomes import outcome_of
from engine.policy.jobs.retry import GiveUp, RetryIn, delay_ms, next_step

WORK, CRAB = PRESETS["work"], PRESETS["crab"]


def exactly(backoff: Backoff, **fields: object) -> RetryPolicy:
    named: dict[str, object] = {"base_ms": 100, "max_ms": 1000, "jitter": False}
    return RetryPolicy(backoff=backoff, **(named | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (exactly(Backoff.CONSTANT), [100, 100, 100, 100, 100]),
        (exactly(Backoff.LINEAR), [100, 200, 300, 400, 500]),
        (exactly(Backoff.EXPONENTIAL), [100, 200, 400, 800, 1000]),
        (exactly(Backoff.EXPONENTIAL, multiplier=3.0), [100, 300, 900, 1000, 1000]),
        (CRAB, [100, 200, 400, 800, 1600]),
    ],
)
def test_the_wait_after_each_failure(policy: RetryPolicy, waits: list[int]) -> None:
    assert [delay_ms(policy, n, Random(0)) for n in range(1, 6)] == waits


def test_the_presets_are_capped_where_they_say() -> None:
    assert delay_ms(CRAB, 10_000, Random(0)) == 30_000
    assert 57_000 <= delay_ms(WORK, 10_000, Random(0)) <= 60_000


@given(
    st.sampled_from(Backoff), st.integers(1, 10_000), st.integers(1, 60_000), st.integers(0, 99)
)
def test_jitter_draws_from_the_last_twentieth_below_the_capped_wait(
    backoff: Backoff, failures: int, base_ms: int, seed: int
) -> None:
    policy = RetryPolicy(backoff=backoff, base_ms=base_ms, jitter=True)
    still = RetryPolicy(backoff=backoff, base_ms=base_ms, jitter=False)
    full = delay_ms(still, failures, Random(0))
    drawn = delay_ms(policy, failures, Random(seed))
    assert 0.95 * full - 1 <= drawn <= full <= policy.max_ms
    assert drawn == delay_ms(policy, failures, Random(seed))


def test_jitter_spreads_the_waits() -> None:
    rng = Random(1)
    assert len({delay_ms(WORK, 3, rng) for _ in range(50)}) > 20


EXIT_3 = outcome_of("exited", code=3)
NOT_PASSED = outcome_of("exited", code=3, why="gate")
KILLED = outcome_of("exited", signal=9)
LATE = outcome_of("exited", signal=9, why="timeout")
CANCELED = outcome_of("exited", code=0, cancel_acknowledged=True)
NOT_FOUND = outcome_of("exited", why="nospawn", message="cannot start x: not found")
NO_MEMORY = outcome_of("exited", why="nospawn", message="fork: Cannot allocate memory")
LOG_CAP = outcome_of("exited", signal=9, why="logcap")


@pytest.mark.parametrize(
    ("outcome", "policy", "again"),
    [
        (EXIT_3, WORK, True),
        (EXIT_3, RetryPolicy(max_attempts=3, exit_codes=(3, 4)), True),
        (EXIT_3, RetryPolicy(max_attempts=3, exit_codes=(4,)), False),
        (NOT_PASSED, WORK, True),
        (NOT_PASSED, RetryPolicy(max_attempts=3, exit_codes=(4,)), False),
        (KILLED, WORK, True),
        (KILLED, RetryPolicy(max_attempts=3, on_signal=False), False),
        (LATE, WORK, True),
        (LATE, RetryPolicy(max_attempts=3, on_timeout=False), False),
        (CANCELED, WORK, False),
        (NOT_FOUND, WORK, False),
        (NOT_FOUND, RetryPolicy(max_attempts=3, categories=(Category.VALIDATION,)), False),
        (NO_MEMORY, WORK, True),
        (LOG_CAP, WORK, False),
        (LOG_CAP, RetryPolicy(max_attempts=3, categories=(Category.RESOURCE,)), True),
    ],
)
def test_what_is_worth_another_attempt(
    outcome: Outcome, policy: RetryPolicy, again: bool
) -> None:
    assert isinstance(next_step(outcome, policy, 1, Random(0)), RetryIn) is again


@pytest.mark.parametrize("category", Category)
def test_some_errors_never_pass_whatever_they_say(category: Category) -> None:
    trouble = Trouble(category=category, code="x", message="x", retryable=True)
    step = next_step(Outcome(verdict=Verdict.FAILED, trouble=trouble), WORK, 1, Random(0))
    never = category in ("canceled", "validation", "quota", "permission")
    assert isinstance(step, GiveUp) is never


def test_three_attempts_are_three_runs() -> None:
    assert isinstance(next_step(EXIT_3, WORK, 2, Random(0)), RetryIn)
    assert next_step(EXIT_3, WORK, 3, Random(0)) == GiveUp("failure 3 of 3")


def test_a_canceled_job_is_never_tried_again() -> None:
    for outcome in (EXIT_3, KILLED, LATE, NO_MEMORY, CANCELED):
        step = next_step(outcome, WORK, 1, Random(0), cancel_requested=True)
        assert step == GiveUp("it was canceled")


def test_the_error_may_ask_for_a_longer_wait() -> None:
    trouble = Trouble(
        category=Category.NETWORK, code="busy", message="", retryable=True, retry_after_ms=7_777
    )
    outcome = Outcome(verdict=Verdict.FAILED, trouble=trouble)
    step = next_step(outcome, CRAB, 1, Random(0))
    assert isinstance(step, RetryIn)
    assert step.delay_ms == 7_777
    patient = RetryPolicy(max_attempts=3, base_ms=9_000, jitter=False)
    step = next_step(outcome, patient, 1, Random(0))
    assert isinstance(step, RetryIn)
    assert step.delay_ms == 9_000
