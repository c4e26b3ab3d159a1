"""When what runs is expected to end, and what that is taken from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from engine.model.job import Job
from engine.model.snapshot import Holder
from engine.policy.jobs.timeouts import ends_by_at, expected_end_at


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
    """By its own estimate or its hard timeout, else by how long its like have run.

    Args:
        job: One that runs; who does not run has no end in sight.
        started_at: When its attempt began.
        run_times_ms: Of jobs like it that succeeded; the median counts.
    """
    if started_at is None:
        return Expectation()
    ends_at = expected_end_at(job, started_at)
    if ends_at is not None:
        is_limit = ends_at == ends_by_at(job, started_at)
        return Expectation(ends_at, "timeout" if is_limit else "estimate")
    if not run_times_ms:
        return Expectation()
    return Expectation(started_at + median_low(run_times_ms) * 1000, "history")


def first_to_end(holders: Iterable[Holder]) -> list[Holder]:
    """These in the order in which they are expected to end; of whom nothing is known come
    last, those that have run longest first.
    """

    def order(one: Holder) -> tuple[bool, int, int, int]:
        return one.ends_at is None, one.ends_at or 0, one.started_at or 0, one.job

    return sorted(holders, key=order)


def next_end(holders: Iterable[Holder], now_at: int, count: int = 1) -> int | None:
    """When `count` of these are expected to have ended; None if that is not known."""
    ends = sorted(end for one in holders if (end := one.ends_at) is not None and end > now_at)
    return ends[count - 1] if 0 < count <= len(ends) else None
