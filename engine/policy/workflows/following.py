"""What becomes of the composite job of a flow while its tasks start and end."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from engine.errors import Category
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.outcome import Trouble
from engine.model.states import FINAL, WAITING, Signal, State, advance
from engine.model.workflow import After, Flow, FlowKind, OnFailure
from engine.policy.arrays.composite import (
    BEGUN,
    FAILURES,
    Counts,
    cancel_whole,
    ended_words,
    is_composite,
    is_run_again,
    number,
    taken_up,
)
from engine.policy.jobs.change import Change
from engine.policy.jobs.promotion import root_of
from engine.policy.jobs.steering import cancel, finish_cancel

MOST_NAMED: Final = 5

_EVENTS: Final[Mapping[Signal, EventType]] = {
    Signal.SUCCEED: EventType.WORKFLOW_COMPLETED,
    Signal.FAIL: EventType.WORKFLOW_FAILED,
    Signal.CANCEL: EventType.WORKFLOW_CANCELED,
}
_STATES: Final[Mapping[Signal, State]] = {
    Signal.SUCCEED: State.SUCCEEDED,
    Signal.FAIL: State.FAILED,
    Signal.CANCEL: State.CANCELED,
}


def follow(
    job: Job, flow: Flow, counts: Counts, failed: Sequence[Job], now_at: int
) -> Change | None:
    """Bring a composite job to where its tasks are; None if it is there.

    It can be asked at any time and any number of times: what counts is how the tasks are,
    not which of them was heard of last.

    Args:
        job: The composite.
        flow: Its flow.
        counts: Its tasks by state.
        failed: The first tasks that failed and whose failure nobody tolerates; if there is
            none, those that were skipped for jobs outside.
        now_at: When this is known.
    """
    now = job.now
    has_ended = number(counts, FINAL) == sum(counts.values())
    if now.state is State.SKIPPED or (now.state is State.PENDING and not has_ended):
        return finish_cancel(job, now_at) if now.state is State.PENDING else None
    if _is_bare(job, flow, counts):
        return _end_bare(job, counts, now_at)
    if not has_ended:
        return _go_on(job, counts, now_at)
    signal = _ending(job, counts, failed)
    if now.state in FINAL:  # one without tasks ended by itself: there is none to follow
        is_late = bool(counts) and now.state not in (State.SUCCEEDED, _STATES[signal])
        return taken_up(now, counts, now_at) if is_late else None
    if now.state is State.PENDING and signal is not Signal.CANCEL:
        return None  # what it waits for is about to skip it, or to let it go
    return _end(job, signal, counts, failed, now_at)


def must_unfold(job: Job, flow: Flow, counts: Counts) -> bool:
    """Whether it is a fan-out whose tasks are to be made now."""
    now = job.now
    is_wanted = now.held_by is None and now.cancel_by is None
    return is_wanted and now.state is State.QUEUED and _is_bare(job, flow, counts)


def _is_bare(job: Job, flow: Flow, counts: Counts) -> bool:
    """Whether it is a fan-out whose tasks are still to be made."""
    is_empty = flow.kind is FlowKind.MAP and not sum(counts.values())
    return is_empty and job.now.state in (State.PENDING, State.QUEUED)


def _end_bare(job: Job, counts: Counts, now_at: int) -> Change | None:
    """What is canceled before it had tasks ends once its grace is over."""
    if job.now.cancel_by is None or job.now.cancel_at is not None:
        return finish_cancel(job, now_at)
    return _end(job, Signal.CANCEL, counts, (), now_at)


def _go_on(job: Job, counts: Counts, now_at: int) -> Change | None:
    if job.now.state is State.SUCCEEDED:
        return None
    if job.now.state in FINAL:
        return taken_up(job.now, counts, now_at)
    if job.now.state is State.QUEUED and number(counts, BEGUN):
        begun = replace(
            job.now,
            state=advance(job.now.state, Signal.START),
            started_at=job.now.started_at or now_at,
            state_at=now_at,
        )
        cause = "the first of its tasks has started"
        return Change(Signal.START, begun, EventType.WORKFLOW_STARTED, cause)
    return finish_cancel(job, now_at)


def _ending(job: Job, counts: Counts, failed: Sequence[Job]) -> Signal:
    is_canceled = counts.get(State.CANCELED.value, 0) > 0
    if job.now.cancel_by is not None and (is_canceled or failed):
        return Signal.CANCEL
    if failed:
        return Signal.FAIL
    return Signal.CANCEL if is_canceled else Signal.SUCCEED


def _end(
    job: Job, signal: Signal, counts: Counts, failed: Sequence[Job], now_at: int
) -> Change:
    now, total = job.now, sum(counts.values())
    if signal in (Signal.SUCCEED, Signal.FAIL) and now.state is State.QUEUED:
        now = replace(now, state=advance(now.state, Signal.START), started_at=now_at)
    said = named(failed) or ended_words(counts, total)
    ended = replace(
        now,
        state=advance(now.state, signal),
        ended_at=now_at,
        state_at=now_at,
        cancel_at=None,
        held_by=None,
        held_why="",
        trouble=_trouble(said, counts, failed) if signal is Signal.FAIL else None,
        note=said,
    )
    return Change(signal, ended, _EVENTS[signal], said or f"all {total} tasks succeeded")


def named(failed: Sequence[Job]) -> str:
    """`build, test failed`: of which tasks it came."""
    names = [job.spec.task or f"#{job.id}" for job in failed[:MOST_NAMED]]
    more = ", …" if len(failed) > MOST_NAMED else ""
    what = "failed" if any(job.now.state in FAILURES for job in failed) else "skipped"
    return f"{', '.join(names)}{more} {what}" if names else ""


def _trouble(said: str, counts: Counts, failed: Sequence[Job]) -> Trouble:
    roots = [{"job": job.id, "task": job.spec.task} for job in failed[:MOST_NAMED]]
    details: dict[str, object] = {**counts, "roots": roots}
    return Trouble(category=Category.INTERNAL, code="tasks", message=said, details=details)


def is_spoiled(job: Job) -> bool:
    """Whether it failed, and its failure is that of the whole."""
    return job.now.state in FAILURES and not job.spec.tolerated


def skipped_for(job: Job) -> JobId | None:
    """The job for whose failure it was skipped; None: it was not, or since one succeeded."""
    root = root_of(job)
    if job.now.state is not State.SKIPPED or root["state"] == State.SUCCEEDED:
        return None
    return JobId(int(str(root["job"])))


def must_stop(flow: Flow, failed: Sequence[Job], counts: Counts) -> bool:
    """Whether what waits in a flow is to be canceled, since a task of it has failed."""
    return flow.on_failure is OnFailure.STOP and bool(failed) and number(counts, WAITING) > 0


def stop_task(job: Job, why: str, now_at: int) -> Change | None:
    """Cancel a task of a flow that stops, unless it is there for the case of a failure.

    One that somebody runs again is left alone too. What stands for others is marked: it ends
    when they have.
    """
    edges = job.spec.constraints.edges
    if any(edge.after in (After.FAILURE, After.END) for edge in edges):
        return None
    return None if is_run_again(job.now) else stop_within(job, why, now_at)


def stop_within(job: Job, why: str, now_at: int) -> Change | None:
    """Cancel a task that waits, and of which nothing is left to be done."""
    if job.now.state not in WAITING or job.now.attempt is not None:
        return None
    if not is_composite(job):
        return cancel(job, now_at, by="engine", why=why)
    if job.now.cancel_by is not None:
        return None
    return cancel_whole(job, now_at, by="engine", why=why)
