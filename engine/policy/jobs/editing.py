"""Edits: what becomes of a job that has not started when it is given another spec."""

from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.intake.changes import differences, must_be_editable
from engine.model.job import Job, Progress
from engine.model.spec import JobSpec
from engine.model.states import FINAL, Signal, State, advance
from engine.policy.jobs.change import Change
from engine.policy.jobs.lifecycle import keeps_goal


def present_spec(job: Job) -> JobSpec:
    """The job's spec with the queue and priority that it has by now."""
    return replace(job.spec, queue=job.now.queue, priority=job.now.priority)


def edit(job: Job, spec: JobSpec, shape: int, now_at: int, by: str) -> Change | None:
    """Give a job that has not started another spec. None if it is the same.

    A start time in the future postpones it; one that is not any more lets it go, if
    nothing else holds it. It keeps its sequence.

    Args:
        job: As it is.
        spec: As it shall be; what is fixed at submission is the same.
        shape: Key of the shape of `spec`.
        now_at: When this is done.
        by: Who wants it.

    Raises:
        NotAllowed: it has started or ended, or would be past its new deadline.
        InvalidSpec: the change touches what is fixed.
    """
    must_wait(job)
    was = present_spec(job)
    must_be_editable(was, spec)
    changes = differences(was, spec)
    if not changes:
        return None
    if "constraints.goal" in changes and keeps_goal(job.now):
        goal = was.constraints.goal
        raise NotAllowed(f"#{job.id} keeps the lock of goal `{goal}` for its next attempt")
    deadline_at = spec.constraints.deadline_at
    if "constraints.deadline_at" in changes and deadline_at and deadline_at <= now_at:
        raise NotAllowed(f"#{job.id} would be past that deadline at once; cancel it instead")
    now = replace(job.now, queue=spec.queue, priority=spec.priority)
    signal = None
    if "constraints.not_before_at" in changes:
        now, signal = _rescheduled(now, spec.constraints.not_before_at, now_at)
    cause = f"{by} changed {', '.join(changes)}"
    data = {field: list(pair) for field, pair in changes.items()}
    return Change(
        signal, now, EventType.JOB_EDITED, cause, spec=spec, shape=shape, data={"changes": data}
    )


def must_wait(job: Job) -> None:
    """Let a job pass that has not started. Raises: NotAllowed."""
    now = job.now
    if now.state in FINAL:
        raise NotAllowed(f"#{job.id} has ended: {now.state}; clone it instead")
    if now.state is State.RUNNING or now.attempt is not None:
        standing = "running" if now.state is State.RUNNING else "starting"
        raise NotAllowed(f"#{job.id} is {standing}; it can no longer be changed")


def _rescheduled(
    now: Progress, starts_at: int | None, now_at: int
) -> tuple[Progress, Signal | None]:
    is_later = starts_at is not None and starts_at > now_at
    if now.state is State.RETRYING:
        later = max(now.wake_at or 0, starts_at or 0) if is_later else now.wake_at
        return replace(now, wake_at=later), None
    if now.state is State.QUEUED:
        if not is_later:
            return now, None
        return _moved(now, Signal.POSTPONE, now_at, wake_at=starts_at, queued_at=None)
    if is_later or now.unmet > 0:
        return replace(now, wake_at=starts_at if is_later else None), None
    return _moved(now, Signal.READY, now_at, wake_at=None, queued_at=now_at)


def _moved(
    now: Progress, signal: Signal, now_at: int, *, wake_at: int | None, queued_at: int | None
) -> tuple[Progress, Signal]:
    state = advance(now.state, signal)
    moved = replace(
        now, state=state, state_at=now_at, wake_at=wake_at, queued_at=queued_at, note=""
    )
    return moved, signal
