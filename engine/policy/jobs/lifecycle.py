"""An attempt's way through its job, as long as it goes well: granted, started, told to stop."""

from msgspec.structs import replace

from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job, Progress
from engine.model.states import FINAL, Signal, State, advance
from engine.policy.jobs.change import Change


def grant(job: Job, attempt: AttemptId, worker: str, why: str) -> Change:
    """The job gets an attempt; it is still queued, and in no lane any more."""
    now = replace(job.now, attempt=attempt, worker=worker, note="starting")
    return Change(None, now, EventType.ATTEMPT_INTENT, why)


def start(job: Job, started_at: int) -> Change:
    """The process of its open attempt is on record."""
    now = started(job.now, started_at)
    return Change(Signal.START, now, EventType.JOB_STARTED, f"on `{job.now.worker}`")


def started(now: Progress, started_at: int) -> Progress:
    """The columns of a job whose process is on record."""
    return replace(
        now,
        state=advance(now.state, Signal.START),
        attempts=now.attempts + 1,
        started_at=started_at,
        state_at=started_at,
        ended_at=None,
        unreachable_at=None,
        paused_at=None,
        paused_by=None,
        exit_code=None,
        signal=None,
        trouble=None,
        note="",
    )


def lose_sight(job: Job, since_at: int) -> Change | None:
    """Its host is silent since then; nothing is known. None if that was so already."""
    if job.now.unreachable_at is not None:
        return None
    now = replace(job.now, unreachable_at=since_at)
    is_begun = job.now.state is not State.QUEUED
    why = f"`{job.now.worker}` is silent" + ("" if is_begun else "; whether it starts is open")
    return Change(None, now, EventType.ATTEMPT_UNREACHABLE, why)


def find_again(job: Job) -> Change | None:
    """Its host spoke of it again. None if it was not missing."""
    if job.now.unreachable_at is None:
        return None
    now = replace(job.now, unreachable_at=None)
    return Change(None, now, EventType.ATTEMPT_ADOPTED, f"`{job.now.worker}` answers again")


def displace(job: Job, attempt: AttemptId, for_job: JobId, why: str) -> Change | None:
    """Its open attempt has to make room for another job. None if that ends anyway."""
    now = job.now
    if now.attempt != attempt or now.stopping:
        return None
    now = replace(
        now,
        displaced_for=for_job,
        stopping=True,
        paused_at=None,
        paused_by=None,
        note=f"yields to #{for_job}",
    )
    return Change(None, now, EventType.JOB_DISPLACED, why)


def is_displaced(now: Progress) -> bool:
    """Whether it was told to end for no other reason than to make room."""
    return now.displaced_for is not None and now.cancel_by is None


def keeps_goal(now: Progress) -> bool:
    """Whether a job has the lock of its goal: while an attempt is open, and for its retries.

    One that was displaced, or is run again by an operator, has to take it anew.
    """
    if now.state in FINAL:
        return False
    return now.attempt is not None or now.failures > 0 or now.losses > 0


def reuse(job: Job, other: Job, now_at: int) -> Change:
    """Another job's result stands in for its run: it has succeeded without an attempt."""
    note = f"reused from #{other.id}"
    now = replace(
        job.now,
        state=advance(job.now.state, Signal.REUSE),
        state_at=now_at,
        started_at=None,
        ended_at=now_at,
        exit_code=other.now.exit_code,
        signal=None,
        trouble=None,
        note=note,
    )
    data = {"reused": other.id}
    return Change(Signal.REUSE, now, EventType.JOB_COMPLETED, note, data=data)
