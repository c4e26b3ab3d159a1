"""What time and other jobs do to a job that waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.awaited import awaited
from engine.model.events import EventType
from engine.model.spec import Constraints
from engine.model.states import FINAL, Signal, State
from engine.model.workflow import MET_BY, After, Edge
from engine.policy.jobs.promotion import depend, due, expire_deadline, wake
from engine.policy.jobs.timeouts import duration_text
from tests.kit.build import NOW, SECOND, a_job, a_starting_job


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING])
def test_it_wakes_at_its_time_and_not_before(state: State) -> None:
    job = a_job(state=state, now={"wake_at": NOW + SECOND})
    assert wake(job, NOW + SECOND - 1) is None
    change = wake(job, NOW + SECOND)
    assert change is not None
    assert (change.signal, change.event) == (Signal.READY, EventType.JOB_QUEUED)
    assert (change.now.state, change.now.wake_at) == (State.QUEUED, None)
    assert change.now.queued_at == NOW + SECOND


def test_it_does_not_wake_while_something_is_unmet_or_if_it_is_awake() -> None:
    assert wake(a_job(state=State.PENDING, now={"unmet": 1}), NOW) is None
    assert wake(a_job(), NOW) is None
    assert wake(a_job(state=State.SUCCEEDED), NOW) is None


def test_a_hold_outlasts_waking_up() -> None:
    change = wake(a_job(state=State.PENDING, now={"held_by": "ana"}), NOW)
    assert change is not None
    assert (change.now.state, change.now.held_by) == (State.QUEUED, "ana")


@pytest.mark.parametrize("state", [State.PENDING, State.QUEUED, State.RETRYING])
def test_a_deadline_ends_what_still_waits(state: State) -> None:
    job = a_job(state=state, constraints=Constraints(deadline_at=NOW))
    assert expire_deadline(job, NOW - 1) is None
    change = expire_deadline(job, NOW)
    assert change is not None
    assert (change.now.state, change.event) == (State.TIMEOUT, EventType.JOB_TIMEOUT)
    assert (change.now.note, change.now.ended_at) == ("deadline passed", NOW)


def test_a_deadline_does_not_touch_what_has_an_attempt() -> None:
    rules = Constraints(deadline_at=NOW - SECOND)
    assert expire_deadline(a_job(state=State.RUNNING, constraints=rules), NOW) is None
    assert expire_deadline(a_starting_job(constraints=rules), NOW) is None


def test_of_several_things_due_the_cancel_is_first() -> None:
    rules = Constraints(deadline_at=NOW)
    both = a_job(
        state=State.RETRYING, constraints=rules, now={"cancel_at": NOW, "wake_at": NOW}
    )
    change = due(both, NOW)
    assert change is not None
    assert change.now.state is State.CANCELED
    late = a_job(state=State.RETRYING, constraints=rules, now={"wake_at": NOW})
    change = due(late, NOW)
    assert change is not None
    assert change.now.state is State.TIMEOUT


@given(st.lists(st.sampled_from(State), min_size=1, max_size=5), st.integers(0, 5))
def test_what_counts_is_how_dependencies_are(states: list[State], counted: int) -> None:
    dependencies = [a_job(state=state) for state in states]
    rules = Constraints(depends_on=tuple(job.id for job in dependencies))
    job = a_job(state=State.PENDING, constraints=rules, now={"unmet": counted})
    change = depend(job, awaited(rules.edges, dependencies), NOW)
    failed = any(state in FINAL and state is not State.SUCCEEDED for state in states)
    unmet = sum(state is not State.SUCCEEDED for state in states)
    if failed:
        assert change is not None
        assert (change.now.state, change.event) == (State.SKIPPED, EventType.JOB_SKIPPED)
    elif unmet == 0:
        assert change is not None
        assert (change.now.state, change.now.unmet) == (State.QUEUED, 0)
    elif unmet == counted:
        assert change is None
    else:
        assert change is not None
        assert (change.now.state, change.now.unmet) == (State.PENDING, unmet)


def test_a_dependency_that_had_ended_already_counts_too() -> None:
    done = a_job(state=State.SUCCEEDED)
    job = a_job(state=State.PENDING, now={"unmet": 1})
    change = depend(job, awaited((), [done]), NOW)
    assert change is not None
    assert change.now.state is State.QUEUED


def test_met_dependencies_do_not_wake_it_before_its_time() -> None:
    job = a_job(state=State.PENDING, now={"unmet": 1, "wake_at": NOW + SECOND})
    met = awaited((), [a_job(state=State.SUCCEEDED)])
    change = depend(job, met, NOW)
    assert change is not None
    assert (change.now.state, change.now.unmet) == (State.PENDING, 0)
    assert depend(job.with_progress(change.now), met, NOW) is None


def test_a_skipped_job_says_because_of_which() -> None:
    failed = a_job(id=7, state=State.FAILED)
    change = depend(a_job(state=State.PENDING, now={"unmet": 1}), awaited((), [failed]), NOW)
    assert change is not None
    assert (change.cause, change.now.note) == (
        "#7 failed, on which it depends",
        "#7 failed",
    )


def test_a_chain_of_skipped_jobs_names_the_one_with_which_it_began() -> None:
    failed = a_job(id=7, state=State.FAILED, task="build")
    first = a_job(id=8, state=State.PENDING, now={"unmet": 1}, task="test")
    change = depend(first, awaited((), [failed]), NOW)
    assert change is not None
    second = a_job(id=9, state=State.PENDING, now={"unmet": 1}, task="ship")
    after = depend(second, awaited((), [first.with_progress(change.now)]), NOW)
    assert after is not None
    assert after.now.note == "#7 build failed"
    assert after.now.trouble is not None
    assert after.now.trouble.details["root"] == {"job": 7, "task": "build", "state": "failed"}


@pytest.mark.parametrize("after", After)
@pytest.mark.parametrize("state", State)
def test_each_edge_is_met_by_its_ends_alone(after: After, state: State) -> None:
    on = a_job(id=7, state=state)
    rules = Constraints(depends_otherwise=(Edge(on.id, after),))
    job = a_job(state=State.PENDING, constraints=rules, now={"unmet": 1})
    change = depend(job, awaited(rules.edges, [on]), NOW)
    if state in MET_BY[after]:
        assert change is not None
        assert change.now.state is State.QUEUED
    elif state in FINAL:
        assert change is not None
        assert change.now.state is State.SKIPPED
    else:
        assert change is None


def test_dependencies_no_longer_matter_once_it_is_queued() -> None:
    assert depend(a_job(), awaited((), [a_job(state=State.FAILED)]), NOW) is None


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0ms"),
        (250, "250ms"),
        (10_000, "10s"),
        (90_000, "90s"),
        (300_000, "5m"),
        (7_200_000, "2h"),
        (10_500, "10.5s"),
        (1_500, "1500ms"),
    ],
)
def test_durations_are_short(ms: int, text: str) -> None:
    assert duration_text(ms) == text
