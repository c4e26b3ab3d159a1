"""What time and other jobs do to a job that waits: wake it, expire it, let it go or skip it."""

from msgspec.structs import replace

from engine.errors import Category
from engine.model.awaited import Awaited
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.outcome import Trouble
from engine.model.states import Signal, State, advance
from engine.policy.jobs.change import Change
from engine.policy.jobs.steering import finish_cancel
from engine.policy.jobs.timeouts import is_past_deadline

SLEEPING = frozenset({State.PENDING, State.RETRYING})


def due(job: Job, now_at: int) -> Change | None:
    """What the clock alone makes of the job now; None if nothing.

    A cancel whose grace is over comes before a passed deadline, that before waking up.
    """
    return finish_cancel(job, now_at) or expire_deadline(job, now_at) or wake(job, now_at)


def wake(job: Job, now_at: int) -> Change | None:
    """A pending or retrying job becomes queued, once its time has come and nothing is unmet."""
    now = job.now
    if now.state not in SLEEPING or now.unmet > 0:
        return None
    if now.wake_at is not None and now.wake_at > now_at:
        return None
    why = "time to try again" if now.state is State.RETRYING else "nothing holds it back"
    return _queued(now, now_at, why)


def expire_deadline(job: Job, now_at: int) -> Change | None:
    """A job that still waits past its deadline ends as `timeout`."""
    if not is_past_deadline(job, now_at):
        return None
    ended = _ended(job.now, Signal.EXPIRE, now_at, "deadline passed")
    return Change(Signal.EXPIRE, ended, EventType.JOB_TIMEOUT, "its deadline passed")


def depend(job: Job, awaited: Awaited, now_at: int) -> Change | None:
    """Take account of where a pending job's dependencies stand, all of them, as of now.

    It can be asked at any time and any number of times: what counts is how they are, not
    which of them was heard of last.
    """
    now = job.now
    if now.state is not State.PENDING:
        return None
    if awaited.broken is not None:
        return _skipped(now, awaited.broken, now_at)
    if awaited.unmet == now.unmet and awaited.unmet:
        return None
    counted = replace(now, unmet=awaited.unmet)
    if awaited.unmet:
        cause = f"{awaited.total - awaited.unmet} of {awaited.total} dependencies are met"
        return Change(None, counted, EventType.JOB_BLOCKED, cause)
    woken = wake(job.with_progress(counted), now_at)
    if woken is not None or now.unmet == 0:
        return woken
    return Change(
        None, counted, EventType.JOB_BLOCKED, "all dependencies are met; not yet time"
    )


def _skipped(now: Progress, broken: Job, now_at: int) -> Change:
    """It will never run: names what it waited for, and the job with which that began."""
    root = root_of(broken)
    note = _words(root["job"], root["task"], root["state"])
    cause = f"{_words(broken.id, broken.spec.task, broken.now.state)}, on which it depends"
    if broken.now.state is State.SUCCEEDED:
        cause, note = f"{note}, and it is only there for another end", f"not needed: {note}"
    elif root["job"] != broken.id:
        cause += f"; it began with {note}"
    trouble = Trouble(
        category=Category.CANCELED, code="skipped", message=cause, details={"root": root}
    )
    ended = _ended(now, Signal.SKIP, now_at, note)
    return Change(Signal.SKIP, replace(ended, trouble=trouble), EventType.JOB_SKIPPED, cause)


def root_of(job: Job) -> dict[str, object]:
    """The job with whose end it began that this one did not go on: itself, if it ran."""
    trouble = job.now.trouble
    root = trouble.details.get("root") if trouble and trouble.code == "skipped" else None
    if isinstance(root, dict):
        return root
    return {"job": job.id, "task": job.spec.task, "state": job.now.state.value}


def _words(job: object, task: object, state: object) -> str:
    return " ".join(str(word) for word in (f"#{job}", task, state) if word)


def _ended(now: Progress, signal: Signal, now_at: int, note: str) -> Progress:
    return replace(
        now,
        state=advance(now.state, signal),
        wake_at=None,
        cancel_at=None,
        ended_at=now_at,
        state_at=now_at,
        note=note,
    )


def _queued(now: Progress, now_at: int, cause: str) -> Change:
    queued = replace(
        now,
        state=advance(now.state, Signal.READY),
        wake_at=None,
        queued_at=now_at,
        state_at=now_at,
        worker=None,
        note="",
    )
    return Change(Signal.READY, queued, EventType.JOB_QUEUED, cause)
