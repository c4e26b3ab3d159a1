"""What operators do to jobs: cancel, hold, release, reprioritise, run again.

Each act is a function from the job to its change: None if there is nothing left to do, so
that every act can be repeated; NotAllowed, with the reason, if it cannot be done.
"""

from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.priority import Priority
from engine.model.spec import Kind
from engine.model.states import FINAL, Signal, State, advance
from engine.policy.jobs.change import Change
from engine.policy.jobs.timeouts import duration_text


def cancel(job: Job, now_at: int, by: str, why: str = "", undo_ms: int = 0) -> Change | None:
    """Cancel a job: at once if nothing of it runs and no grace is asked for.

    A running job is marked `stopping` here; its process still has to be told, and what it
    then ends as is `canceled`, whatever its code. That goes before what else it was told
    to end for.
    """
    now = job.now
    if now.state is State.CANCELED or (now.stopping and now.displaced_for is None):
        return None
    if now.state in FINAL:
        raise NotAllowed(f"#{job.id} has ended: {now.state}")
    asked = replace(now, cancel_by=by, cancel_why=why)
    if now.attempt is not None:
        asked = replace(
            asked,
            stopping=True,
            cancel_at=None,
            displaced_for=None,
            paused_at=None,
            paused_by=None,
            note="stopping",
        )
        cause = _said(f"canceled by {by}", why)
        return Change(None, asked, EventType.ATTEMPT_STOPPING, cause)
    if undo_ms <= 0:
        return _canceled(asked, now_at)
    if now.cancel_at is not None:
        return None
    asked = replace(asked, cancel_at=now_at + undo_ms * 1_000)
    cause = _said(f"{by} cancels it in {duration_text(undo_ms)}", why)
    return Change(None, asked, EventType.JOB_EDITED, cause)


def uncancel(job: Job, by: str) -> Change | None:
    """Withdraw a cancel that is in its grace."""
    now = job.now
    if now.state in FINAL:
        raise NotAllowed(f"#{job.id} has ended: {now.state}")
    if now.stopping and now.displaced_for is None:
        raise NotAllowed(f"#{job.id} was told to end; that cannot be withdrawn")
    if now.cancel_at is None:
        return None
    now = replace(now, cancel_at=None, cancel_by=None, cancel_why="")
    return Change(None, now, EventType.JOB_EDITED, f"{by} withdrew the cancel")


def finish_cancel(job: Job, now_at: int) -> Change | None:
    """The end of a cancel's grace: None if it was withdrawn, is not over, or is done.

    Of an array that is the end of its members; it follows them.
    """
    now = job.now
    if now.state in FINAL or now.cancel_at is None or now.cancel_at > now_at:
        return None
    if job.spec.kind is Kind.COMPOSITE:
        cause = "the cancel can no longer be withdrawn"
        return Change(None, replace(now, cancel_at=None), EventType.JOB_EDITED, cause)
    return _canceled(now, now_at) if now.attempt is None else None


def hold(job: Job, by: str, why: str = "") -> Change | None:
    """Keep a job that has not started from starting."""
    _must_wait(job, "it cannot be held any more; to make it stand still, pause it")
    if job.now.held_by is not None:
        return None
    now = replace(job.now, held_by=by, held_why=why)
    return Change(None, now, EventType.JOB_HELD, _said(f"held by {by}", why))


def release(job: Job, by: str) -> Change | None:
    """Take a job off hold."""
    if job.now.held_by is None:
        return None
    now = replace(job.now, held_by=None, held_why="")
    return Change(None, now, EventType.JOB_RELEASED, f"released by {by}")


def reprioritise(job: Job, priority: Priority, by: str) -> Change | None:
    """Give a job that has not started another priority; it keeps its sequence."""
    _must_wait(job, "its priority no longer matters")
    if job.now.priority is priority:
        return None
    cause = f"{by} changed its priority from {job.now.priority.label} to {priority.label}"
    now = replace(job.now, priority=priority)
    return Change(None, now, EventType.JOB_EDITED, cause)


def revive(job: Job, now_at: int, by: str) -> Change:
    """Run an ended job again, or a waiting retry now: same id, next attempt."""
    now = job.now
    if now.state is State.RETRYING:
        return _requeued(now, Signal.READY, now_at, f"{by} did not wait for the retry")
    if now.state is State.SUCCEEDED:
        raise NotAllowed(f"#{job.id} succeeded; to run it once more, submit it again")
    if now.state not in FINAL:
        raise NotAllowed(f"#{job.id} is {_standing(job)}; only what has ended can be run again")
    deadline_at = job.spec.constraints.deadline_at
    if deadline_at is not None and deadline_at <= now_at:
        raise NotAllowed(f"#{job.id}'s deadline has passed; submit it again with a later one")
    fresh = replace(
        now,
        failures=0,
        losses=0,
        unmet=0,
        ended_at=None,
        needs_operator=False,
        cancel_by=None,
        cancel_why="",
        held_by=None,
        held_why="",
    )
    return _requeued(fresh, Signal.REVIVE, now_at, f"run again by {by}")


def _requeued(now: Progress, signal: Signal, now_at: int, cause: str) -> Change:
    queued = replace(
        now,
        state=advance(now.state, signal),
        queued_at=now_at,
        state_at=now_at,
        wake_at=None,
        started_at=None,
        worker=None,
        note="",
    )
    return Change(signal, queued, EventType.JOB_QUEUED, cause)


def _canceled(asked: Progress, now_at: int) -> Change:
    ended = replace(
        asked,
        state=advance(asked.state, Signal.CANCEL),
        cancel_at=None,
        wake_at=None,
        ended_at=now_at,
        state_at=now_at,
        note="canceled",
    )
    cause = _said(f"canceled by {asked.cancel_by}", asked.cancel_why)
    return Change(Signal.CANCEL, ended, EventType.JOB_CANCELED, cause)


def _must_wait(job: Job, so: str) -> None:
    if job.now.state in FINAL or job.now.state is State.RUNNING or job.now.attempt is not None:
        raise NotAllowed(f"#{job.id} {_is_or_has(job)}; {so}")


def _is_or_has(job: Job) -> str:
    return f"has ended: {job.now.state}" if job.now.state in FINAL else f"is {_standing(job)}"


def _standing(job: Job) -> str:
    is_starting = job.now.state is State.QUEUED and job.now.attempt is not None
    return "starting" if is_starting else job.now.state.value


def _said(text: str, why: str) -> str:
    return f"{text}: {why}" if why else text
