"""What is done to the process of a running job: pause it, let it go on, feed it.

The host is told first; these say what is then on record. As in `steering`, None: nothing is
left to do; NotAllowed: it cannot be done.
"""

from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.states import State
from engine.policy.jobs.change import Change

HOST = "its host"
"""Who paused a job of which only its host knows that it stands still."""


def must_run(job: Job, verb: str) -> None:
    """Refuse a job that has no process that could be told anything.

    Raises:
        NotAllowed: it waits, has ended, or was told to end.
    """
    if job.now.state is not State.RUNNING:
        raise NotAllowed(f"#{job.id} is {job.now.state}; only a running job can be {verb}")
    if job.now.stopping:
        raise NotAllowed(f"#{job.id} was told to end; it cannot be {verb} any more")


def pause(job: Job, now_at: int, by: str, *, clocks_too: bool) -> Change | None:
    """It stands still, and keeps what it holds on its worker."""
    must_run(job, "paused")
    if job.now.paused_at is not None:
        return None
    now = replace(job.now, paused_at=now_at, paused_by=by)
    cause = f"paused by {by}" + ("; its timeouts stand still too" if clocks_too else "")
    data = {"clocks": clocks_too}
    return Change(None, now, EventType.ATTEMPT_PAUSED, cause, data=data)


def resume(job: Job, by: str) -> Change | None:
    """It goes on."""
    must_run(job, "resumed")
    if job.now.paused_at is None:
        return None
    return Change(None, _going(job), EventType.ATTEMPT_RESUMED, f"resumed by {by}")


def fed(job: Job, by: str, number: int, *, is_end: bool) -> Change | None:
    """Its standard input was given `number` bytes, or its end."""
    if not number and not is_end:
        return None
    size = "1 byte" if number == 1 else f"{number} bytes"
    cause = f"{by} sent {size}" + (" and the end of its input" if is_end else "")
    data = {"bytes": number, "end": is_end}
    return Change(None, job.now, EventType.ATTEMPT_FED, cause, data=data)


def as_told(job: Job, *, is_paused: bool, now_at: int) -> Change | None:
    """What is on record about standing still, if its host says otherwise."""
    if is_paused == (job.now.paused_at is not None) or job.now.stopping:
        return None
    if not is_paused:
        return Change(None, _going(job), EventType.ATTEMPT_RESUMED, f"{HOST} let it go on")
    now = replace(job.now, paused_at=now_at, paused_by=HOST)
    return Change(None, now, EventType.ATTEMPT_PAUSED, "found standing still")


def go_on(job: Job, *, since_at: int, now_at: int) -> Change | None:
    """Its host has let it go on, if it is on record as paused since then and not anew."""
    if job.now.paused_at != since_at:
        return None
    return as_told(job, is_paused=False, now_at=now_at)


def _going(job: Job) -> Progress:
    return replace(job.now, paused_at=None, paused_by=None)
