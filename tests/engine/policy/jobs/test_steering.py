"""What operators may do to a job, when, and what comes of it."""

import pytest
from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.spec import Constraints
from engine.model.states import FINAL, Signal, State
from engine.policy.jobs.promotion import due
from engine.policy.jobs.steering import (
    cancel,
    finish_cancel,
    hold,
    release,
    reprioritise,
    revive,
    uncancel,
)
from engine.policy.readiness import is_grantable
from tests.kit.build import NOW, SECOND, a_job, a_starting_job

SLEEPING = [a_job(state=state) for state in (State.PENDING, State.QUEUED, State.RETRYING)]
BUSY = [a_job(state=State.RUNNING), a_starting_job()]
ENDED = [a_job(state=state) for state in sorted(FINAL)]


@pytest.mark.parametrize("job", SLEEPING)
def test_a_waiting_job_is_canceled_at_once(job: Job) -> None:
    change = cancel(job, NOW + 1, "ana", "not needed")
    assert change is not None
    assert (change.signal, change.event) == (Signal.CANCEL, EventType.JOB_CANCELED)
    now = change.now
    assert (now.state, now.ended_at, now.wake_at) == (State.CANCELED, NOW + 1, None)
    assert (now.cancel_by, now.cancel_why) == ("ana", "not needed")
    assert change.cause == "canceled by ana: not needed"


@pytest.mark.parametrize("job", BUSY)
def test_a_busy_job_is_marked_and_not_yet_canceled(job: Job) -> None:
    change = cancel(job, NOW, "ana", undo_ms=5000)
    assert change is not None
    assert (change.signal, change.event) == (None, EventType.ATTEMPT_STOPPING)
    assert (change.now.state, change.now.stopping) == (job.now.state, True)
    assert change.now.attempt == job.now.attempt
    assert cancel(job.with_progress(change.now), NOW, "bo") is None


def test_canceling_twice_is_canceling_once() -> None:
    assert cancel(a_job(state=State.CANCELED), NOW, "ana") is None


@pytest.mark.parametrize("job", [job for job in ENDED if job.now.state is not State.CANCELED])
def test_what_has_ended_otherwise_cannot_be_canceled(job: Job) -> None:
    with pytest.raises(NotAllowed, match=f"#{job.id} has ended: {job.now.state}"):
        cancel(job, NOW, "ana")


def test_a_cancel_with_grace_keeps_it_from_starting_and_can_be_withdrawn() -> None:
    job = a_job()
    change = cancel(job, NOW, "ana", undo_ms=5000)
    assert change is not None
    assert change.cause == "ana cancels it in 5s"
    waiting = job.with_progress(change.now)
    assert waiting.now.cancel_at == NOW + 5 * SECOND
    assert not is_grantable(waiting, NOW)
    assert cancel(waiting, NOW, "bo", undo_ms=5000) is None
    back = uncancel(waiting, "ana")
    assert back is not None
    assert back.now == replace(job.now)
    assert is_grantable(job.with_progress(back.now), NOW)


def test_a_cancel_takes_effect_when_its_grace_is_over_and_not_before() -> None:
    job = a_job()
    change = cancel(job, NOW, "ana", undo_ms=5000)
    assert change is not None
    waiting = job.with_progress(change.now)
    assert finish_cancel(waiting, NOW + 5 * SECOND - 1) is None
    over = due(waiting, NOW + 5 * SECOND)
    assert over is not None
    assert (over.now.state, over.cause) == (State.CANCELED, "canceled by ana")
    assert finish_cancel(job.with_progress(over.now), NOW + 9 * SECOND) is None


def test_a_grace_can_be_cut_short() -> None:
    job = a_job()
    change = cancel(job, NOW, "ana", undo_ms=5000)
    assert change is not None
    at_once = cancel(job.with_progress(change.now), NOW + 1, "ana")
    assert at_once is not None
    assert at_once.now.state is State.CANCELED


def test_withdrawing_a_cancel() -> None:
    assert uncancel(a_job(), "ana") is None
    stopping = a_job(state=State.RUNNING, now={"stopping": True, "cancel_by": "ana"})
    with pytest.raises(NotAllowed, match="was told to end"):
        uncancel(stopping, "ana")
    with pytest.raises(NotAllowed, match="has ended: canceled"):
        uncancel(a_job(state=State.CANCELED), "ana")


@pytest.mark.parametrize("job", SLEEPING)
def test_hold_and_release(job: Job) -> None:
    held = hold(job, "ana", "wait")
    assert held is not None
    assert (held.signal, held.event) == (None, EventType.JOB_HELD)
    assert (held.now.held_by, held.now.held_why, held.now.state) == (
        "ana",
        "wait",
        job.now.state,
    )
    assert held.cause == "held by ana: wait"
    there = job.with_progress(held.now)
    assert hold(there, "bo") is None
    freed = release(there, "bo")
    assert freed is not None
    assert freed.now == job.now
    assert release(job, "bo") is None


@pytest.mark.parametrize("job", [*BUSY, *ENDED])
def test_only_waiting_jobs_can_be_held_or_reprioritised(job: Job) -> None:
    with pytest.raises(NotAllowed, match="cannot be held any more"):
        hold(job, "ana")
    with pytest.raises(NotAllowed, match="its priority no longer matters"):
        reprioritise(job, Priority.HIGH, "ana")


def test_a_refusal_says_what_the_job_is_doing() -> None:
    with pytest.raises(NotAllowed, match=r"^#12 is running; its priority no longer matters$"):
        reprioritise(a_job(id=12, state=State.RUNNING), Priority.HIGH, "ana")
    with pytest.raises(NotAllowed, match=r"^#12 is starting; "):
        reprioritise(a_starting_job(id=12), Priority.HIGH, "ana")


@pytest.mark.parametrize("job", SLEEPING)
def test_another_priority(job: Job) -> None:
    change = reprioritise(job, Priority.CRITICAL, "ana")
    assert change is not None
    assert change.now.priority is Priority.CRITICAL
    assert change.cause == "ana changed its priority from normal to critical"
    assert reprioritise(job, Priority.NORMAL, "ana") is None


@pytest.mark.parametrize("job", [job for job in ENDED if job.now.state is not State.SUCCEEDED])
def test_an_ended_job_can_be_run_again_from_the_start(job: Job) -> None:
    worn = job.with_progress(
        replace(job.now, failures=3, losses=2, attempts=5, unmet=1, needs_operator=True)
    )
    change = revive(worn, NOW + 9, "ana")
    now = change.now
    assert (change.signal, change.event) == (Signal.REVIVE, EventType.JOB_QUEUED)
    assert (now.failures, now.losses, now.attempts) == (0, 0, 5)
    assert (now.ended_at, now.queued_at, now.needs_operator) == (None, NOW + 9, False)
    assert is_grantable(job.with_progress(now), NOW)


def test_a_revived_job_is_no_longer_canceled() -> None:
    gone = cancel(a_job(), NOW, "ana")
    assert gone is not None
    back = revive(a_job().with_progress(gone.now), NOW, "ana")
    assert (back.now.cancel_by, back.now.note) == (None, "")


def test_a_waiting_retry_can_be_hurried() -> None:
    change = revive(a_job(state=State.RETRYING), NOW, "ana")
    assert (change.signal, change.now.state, change.now.wake_at) == (
        Signal.READY,
        State.QUEUED,
        None,
    )
    assert change.now.failures == 1


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (a_job(id=5, state=State.SUCCEEDED), "#5 succeeded; to run it once more, submit it"),
        (a_job(id=5, state=State.RUNNING), "#5 is running; only what has ended"),
        (a_job(id=5), "#5 is queued; only what has ended"),
        (
            a_job(id=5, state=State.TIMEOUT, constraints=Constraints(deadline_at=NOW - 1)),
            "#5's deadline has passed",
        ),
    ],
)
def test_what_cannot_be_run_again_says_why(job: Job, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        revive(job, NOW, "ana")
