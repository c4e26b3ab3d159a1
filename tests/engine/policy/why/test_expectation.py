"""When what runs is expected to end: by estimate, limit or history, or nobody knows."""

from engine.model.ids import JobId
from engine.model.limits import Timeouts
from engine.model.snapshot import Holder
from engine.policy.why.expectation import Expectation, expected_end, first_to_end, next_end
from tests.kit.build import NOW, SECOND, a_job

LIMITS = Timeouts(hard_ms=50_000, grace_ms=10_000)
LENGTHS = [9_000, 1_000, 5_000, 7_000]


def holder(number: int, ends: int | None, started: int | None = 0) -> Holder:
    return Holder(
        JobId(number),
        "local",
        "default",
        None,
        None if started is None else NOW + started * SECOND,
        ends_at=None if ends is None else NOW + ends * SECOND,
    )


def test_an_estimate_goes_before_a_limit_with_its_grace_and_that_before_history() -> None:
    told = a_job(estimated_duration_ms=4_000, timeouts=LIMITS)
    assert expected_end(told, NOW, LENGTHS) == Expectation(NOW + 4 * SECOND, "estimate")
    limited = a_job(timeouts=LIMITS)
    assert expected_end(limited, NOW, LENGTHS) == Expectation(NOW + 60 * SECOND, "timeout")
    assert expected_end(a_job(), NOW, LENGTHS) == Expectation(NOW + 5 * SECOND, "history")


def test_of_an_even_number_of_lengths_the_lower_middle_one_counts() -> None:
    assert expected_end(a_job(), NOW, [9_000, 1_000]).ends_at == NOW + SECOND


def test_nobody_knows_of_what_does_not_run_or_is_new() -> None:
    assert expected_end(a_job(estimated_duration_ms=4_000), None) == Expectation()
    assert expected_end(a_job(), NOW) == Expectation()


def test_an_end_may_have_passed() -> None:
    late = expected_end(a_job(estimated_duration_ms=1_000), NOW - 9 * SECOND)
    assert late.ends_at == NOW - 8 * SECOND


def test_the_next_end_is_that_of_as_many_as_have_to_end() -> None:
    holders = [holder(1, 9), holder(2, 5), holder(3, None), holder(4, -1)]
    assert next_end(holders, NOW) == NOW + 5 * SECOND
    assert next_end(holders, NOW, 2) == NOW + 9 * SECOND
    assert next_end(holders, NOW, 3) is None
    assert next_end(holders, NOW, 0) is None
    assert next_end([], NOW) is None


def test_who_ends_first_is_first_and_the_unknown_come_last() -> None:
    holders = [holder(1, None, 3), holder(2, None, 1), holder(3, 9), holder(4, -1)]
    assert [one.job for one in first_to_end(holders)] == [4, 3, 2, 1]
