"""Limits in time that the engine itself watches; those on a process are its runner's."""

from engine.model.job import Job
from engine.model.states import WAITING


def is_past_deadline(job: Job, now_at: int) -> bool:
    """Whether a job that still waits, with no attempt open, may no longer start."""
    deadline_at = job.spec.constraints.deadline_at
    is_waiting = job.now.state in WAITING and job.now.attempt is None
    return is_waiting and deadline_at is not None and deadline_at <= now_at


def duration_text(ms: int) -> str:
    """A short length of time in its largest whole unit: `250ms`, `10s`, `90s`, `5m`, `2h`."""
    for unit_ms, unit in ((3_600_000, "h"), (60_000, "m"), (1_000, "s")):
        if ms >= unit_ms and ms % unit_ms == 0:
            return f"{ms // unit_ms}{unit}"
    return f"{ms}ms" if ms < 10_000 else f"{ms / 1000:g}s"


def ends_by_at(job: Job, started_at: int) -> int | None:
    """When an attempt that starts then has ended for certain; None: it may take for ever."""
    limits = job.spec.timeouts
    if limits.hard_ms is None:
        return None
    return started_at + (limits.hard_ms + limits.grace_ms) * 1000


def expected_end_at(job: Job, started_at: int) -> int | None:
    """When an attempt that starts then is expected to end: by its estimate or its limit.

    The estimate counts if both are known and it is the earlier one.
    """
    estimate_ms = job.spec.estimated_duration_ms
    guessed_at = None if estimate_ms is None else started_at + estimate_ms * 1000
    known = [at for at in (guessed_at, ends_by_at(job, started_at)) if at is not None]
    return min(known, default=None)
