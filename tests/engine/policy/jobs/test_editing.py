"""Edits decided: what may be changed of which job, and what becomes of its wait."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.errors import InvalidSpec, NotAllowed
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.spec import Command, Constraints, JobSpec
from engine.model.states import Signal, State
from engine.policy.jobs.change import Change
from engine.policy.jobs.editing import edit, present_spec
from tests.kit.build import NOW, SECOND, a_job

SHAPE = 77
LATER = NOW + 60 * SECOND


def edited(job: Job, **changes: Any) -> Change | None:
    """The edit of a job whose present spec gets these fields."""
    return edit(job, replace(present_spec(job), **changes), SHAPE, NOW, "ana")


def waiting_until(at: int | None, job: Job) -> JobSpec:
    spec = present_spec(job)
    return replace(spec, constraints=replace(spec.constraints, not_before_at=at))


def test_the_same_spec_is_no_edit() -> None:
    assert edited(a_job(priority=Priority.HIGH, queue="q")) is None


def test_queue_and_priority_move_with_the_spec() -> None:
    job = a_job()
    change = edited(job, queue="gpu", priority=Priority.HIGH, name="n")
    assert change is not None
    assert (change.now.queue, change.now.priority) == ("gpu", Priority.HIGH)
    assert (change.signal, change.shape) == (None, SHAPE)
    assert change.spec is not None
    assert change.spec.name == "n"
    assert change.cause.startswith("ana changed ")
    told: Any = change.data["changes"]
    assert told["queue"] == ["default", "gpu"]
    assert set(told) == {"queue", "priority", "name"}


def test_what_was_set_since_the_submission_stays() -> None:
    """A priority that somebody else gave it is not taken back by an edit of the name."""
    job = a_job(now={"priority": Priority.CRITICAL, "queue": "moved"})
    change = edited(job, name="n")
    assert change is not None
    assert (change.now.priority, change.now.queue) == (Priority.CRITICAL, "moved")


@pytest.mark.parametrize("state", [State.RUNNING, State.SUCCEEDED, State.FAILED])
def test_what_has_started_is_not_edited(state: State) -> None:
    with pytest.raises(NotAllowed):
        edited(a_job(state=state), name="n")


def test_what_is_just_being_granted_is_not_edited() -> None:
    with pytest.raises(NotAllowed, match="is starting"):
        edited(a_job(now={"attempt": "1-1-1"}), name="n")


def test_what_is_fixed_is_not_edited() -> None:
    with pytest.raises(InvalidSpec):
        edited(a_job(), command=Command(argv=("other",)))


def test_a_deadline_that_is_over_is_refused() -> None:
    with pytest.raises(NotAllowed, match="past that deadline"):
        edited(a_job(), constraints=Constraints(deadline_at=NOW))
    assert edited(a_job(), constraints=Constraints(deadline_at=NOW + 1)) is not None


def test_a_start_in_the_future_postpones_what_is_queued() -> None:
    job = a_job(now={"queued_at": NOW - SECOND})
    change = edit(job, waiting_until(LATER, job), SHAPE, NOW, "ana")
    assert change is not None
    assert (change.signal, change.now.state) == (Signal.POSTPONE, State.PENDING)
    assert (change.now.wake_at, change.now.queued_at) == (LATER, None)


def test_a_start_that_is_over_changes_nothing_of_the_wait() -> None:
    job = a_job(now={"queued_at": NOW - SECOND})
    change = edit(job, waiting_until(NOW, job), SHAPE, NOW, "ana")
    assert change is not None
    assert (change.signal, change.now.queued_at) == (None, NOW - SECOND)


def test_what_waits_for_its_time_goes_when_that_is_taken_away() -> None:
    job = a_job(
        state=State.PENDING,
        constraints=Constraints(not_before_at=LATER),
        now={"wake_at": LATER},
    )
    change = edit(job, waiting_until(None, job), SHAPE, NOW, "ana")
    assert change is not None
    assert (change.signal, change.now.state) == (Signal.READY, State.QUEUED)
    assert (change.now.wake_at, change.now.queued_at) == (None, NOW)


def test_what_waits_for_others_goes_on_waiting_for_them() -> None:
    job = a_job(
        state=State.PENDING,
        constraints=Constraints(not_before_at=LATER, depends_on=(3,)),
        now={"wake_at": LATER, "unmet": 1},
    )
    change = edit(job, waiting_until(None, job), SHAPE, NOW, "ana")
    assert change is not None
    assert (change.signal, change.now.state, change.now.wake_at) == (None, State.PENDING, None)


def test_a_retry_keeps_its_backoff() -> None:
    soon = NOW + 5 * SECOND
    job = a_job(state=State.RETRYING, now={"wake_at": soon, "attempts": 1})
    change = edit(job, waiting_until(LATER, job), SHAPE, NOW, "ana")
    assert change is not None
    assert (change.signal, change.now.wake_at) == (None, LATER)
    job = a_job(
        state=State.RETRYING,
        constraints=Constraints(not_before_at=LATER),
        now={"wake_at": soon, "attempts": 1},
    )
    change = edit(job, waiting_until(None, job), SHAPE, NOW, "ana")
    assert change is not None
    assert change.now.wake_at == soon
