"""When what runs is expected to end, and what that is taken from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from engine.model.job import Job
from engine.model.snapshot import Holder


@dataclass(frozen=True, slots=True)
class Expectation:
    """When a job is expected to end, in UTC microseconds; may have passed already."""

    ends_at: int | None = None
    """None: nobody knows."""
    ends_by: str = ""
    """`estimate`, `timeout`, `history`; or nothing."""


def expected_end(
    job: Job, started_at: int | None, run_times_ms: Sequence[int] = ()
) -> Expectation:
    """By its own estimate, else its hard timeout, else how long its like have run.

    Args:
        job: One that runs; who does not run has no end in sight.
        started_at: When its attempt began.
        run_times_ms: Of jobs like it that succeeded; the median counts.
    """
    if started_at is None:
        return Expectation()
    for length_ms, source in (
        (job.spec.estimated_duration_ms, "estimate"),
        (job.spec.timeouts.hard_ms, "timeout"),
        (median_low(run_times_ms) if run_times_ms else None, "history"),
    ):
        if length_ms is not None:
            return Expectation(started_at + length_ms * 1000, source)
    return Expectation()


def next_end(holders: Iterable[Holder], now_at: int, count: int = 1) -> int | None:
    """When `count` of these are expected to have ended; None if that is not known."""
    ends = sorted(end for one in holders if (end := one.ends_at) is not None and end > now_at)
    return ends[count - 1] if 0 < count <= len(ends) else None
