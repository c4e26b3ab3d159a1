"""Ends: when an attempt is expected to end and when it has ended for certain."""

import pytest

from engine.ledger.memory.holders import holder_of
from engine.ledger.memory.live import Live
from engine.model.limits import Timeouts
from engine.policy.jobs.timeouts import ends_by_at, expected_end_at
from tests.kit.build import NOW, SECOND, a_job, an_attempt

LIMITED = Timeouts(hard_ms=60_000, grace_ms=5_000)


@pytest.mark.parametrize(
    ("estimate_ms", "limits", "expected_s", "by_s"),
    [
        (None, Timeouts(), None, None),
        (10_000, Timeouts(), 10, None),
        (None, LIMITED, 65, 65),
        (10_000, LIMITED, 10, 65),
        (90_000, LIMITED, 65, 65),
    ],
)
def test_ends_are_the_same_before_the_start_and_after_it(
    estimate_ms: int | None, limits: Timeouts, expected_s: int | None, by_s: int | None
) -> None:
    job = a_job(estimated_duration_ms=estimate_ms, timeouts=limits)
    told = expected_end_at(job, NOW), ends_by_at(job, NOW)
    assert told == tuple(s if s is None else NOW + s * SECOND for s in (expected_s, by_s))
    holder = holder_of(Live(an_attempt(job, started_at=NOW), job))
    assert (holder.ends_at, holder.ends_by_at) == told
