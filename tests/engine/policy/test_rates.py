"""Token buckets: what is in them, when the next token comes, and clocks that go back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.rules import Rate
from engine.model.snapshot import Bucket
from engine.policy.rates import TOKEN, has_token, level, next_token_at, rebased, take
from engine.policy.scheduling.scheduler import after, schedule
from tests.kit.build import NOW, SECOND, a_job, a_queue, a_snapshot

ONE_A_SECOND = Rate(tokens=1, per_ms=1000, burst=2)
HOUR = 3600 * SECOND


def test_a_bucket_is_full_at_first_and_never_fuller() -> None:
    assert level(ONE_A_SECOND, None, NOW) == 2 * TOKEN
    assert level(ONE_A_SECOND, Bucket(0, NOW), NOW + HOUR) == 2 * TOKEN
    assert next_token_at(ONE_A_SECOND, None, NOW, 3) is None
    with pytest.raises(ValueError, match="has not so many"):
        take(ONE_A_SECOND, Bucket(0, NOW), NOW)


@given(
    st.integers(1, 1000),
    st.integers(1, 60_000),
    st.integers(0, 3 * TOKEN),
    st.integers(0, HOUR),
)
def test_the_next_token_is_there_when_promised_and_hardly_before(
    tokens: int, per_ms: int, had: int, later_us: int
) -> None:
    rate, bucket = Rate(tokens=tokens, per_ms=per_ms, burst=3), Bucket(had, NOW)
    at = next_token_at(rate, bucket, NOW + later_us)
    assert at is not None
    assert has_token(rate, bucket, at)
    rounding_us = 1 + rate.per_ms // (rate.tokens * 1000)  # a millionth of a token
    assert at == NOW + later_us or not has_token(rate, bucket, at - 1 - rounding_us)


def test_after_a_clock_went_back_a_bucket_fills_from_then_on() -> None:
    then = NOW - HOUR
    found = rebased({"q": Bucket(0, NOW), "old": Bucket(7, then)}, then)
    assert found == {"q": Bucket(0, then), "old": Bucket(7, then)}


def test_a_rated_queue_goes_on_after_a_clock_went_back() -> None:
    queue = a_queue(starts=Rate(tokens=1, per_ms=1000, burst=1))
    before = a_snapshot(a_job(), a_job(), queues=[queue])
    plan = schedule(before)
    assert len(plan.starts) == 1
    back = replace(after(before, plan), now_at=NOW - HOUR)
    plan = schedule(back)
    assert plan.look_again_at == NOW - HOUR + SECOND
    assert schedule(replace(after(back, plan), now_at=plan.look_again_at)).starts
