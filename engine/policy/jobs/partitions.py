"""Attempts out of sight: when a host has certainly ended one by itself.

The host counts from the last time it was told to go on, by its own clock, which may be slow;
we count from when it last answered, which is later, and by ours.
"""

from typing import Final

from engine.model.attempt import Attempt
from engine.model.job import Job

MARGIN_MS: Final = 5_000
"""For what is still on its way, and for the host to have killed what resists."""

DRIFT_PERCENT: Final = 1
"""The host's clock is at most so much slower than ours."""


def gives_up_after_ms(lease_ms: int, grace_ms: int) -> int:
    """How long after its host last answered an attempt with this lease has certainly ended."""
    whole_ms = lease_ms + grace_ms + MARGIN_MS
    return -(-whole_ms * 100 // (100 - DRIFT_PERCENT))


def left_s(attempt: Attempt, job: Job, answered_s: float, now_s: float) -> float | None:
    """Seconds until it has certainly ended by itself; None: it never does.

    One whose start was never confirmed may begin whenever its host hears of it: there is
    nothing to count from.

    Args:
        attempt: Out of sight.
        job: Its job.
        answered_s: When its host last answered, or a question to it was given up;
            monotonic.
        now_s: The same clock, now.
    """
    if attempt.lease_ms is None or attempt.pid is None:
        return None
    after_ms = gives_up_after_ms(attempt.lease_ms, job.spec.timeouts.grace_ms)
    return answered_s + after_ms / 1000 - now_s
