"""What becomes of the composite job of a flow, for every state and every sum of tasks."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Category
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.outcome import Trouble
from engine.model.spec import Constraints, Kind
from engine.model.states import FINAL, WAITING, State
from engine.model.workflow import After, Edge, Flow, FlowKind, OnFailure
from engine.policy.arrays.composite import BEGUN
from engine.policy.workflows.following import (
    follow,
    must_stop,
    must_unfold,
    named,
    skipped_for,
    stop_task,
    stop_within,
)
from tests.kit.build import NOW, a_job

RUN = Flow(id=JobId(1), name="f", root=JobId(1))
MAP = Flow(id=JobId(1), name="f", root=JobId(1), kind=FlowKind.MAP)

STATES = tuple(set(State) - {State.RETRYING})
"""What stands for others is never tried again by itself."""

counts = st.dictionaries(
    st.sampled_from([state.value for state in State]), st.integers(1, 3), max_size=4
)


def whole(state: State, **now: Any) -> Job:
    return a_job(id=1, kind=Kind.COMPOSITE, state=state, now={"attempt": None, **now})


def failed_tasks(counts: Mapping[str, int]) -> list[Job]:
    number = counts.get("failed", 0) + counts.get("timeout", 0)
    return [a_job(state=State.FAILED, task=f"t{n}") for n in range(number)]


@given(state=st.sampled_from(STATES), counts=counts, cancel=st.booleans())
def test_a_run_comes_to_rest_where_its_tasks_are(
    state: State, counts: dict[str, int], cancel: bool
) -> None:
    counts = counts or {"succeeded": 1}
    job = whole(state, cancel_by="ana" if cancel else None)
    seen = {job.now.state}
    for _ in range(5):
        change = follow(job, RUN, counts, failed_tasks(counts), NOW)
        if change is None:
            break
        job = job.with_progress(change.now)
        seen.add(job.now.state)
    else:
        raise AssertionError(f"it never comes to rest: {seen}")
    at_rest = job.now.state
    if state in (State.SKIPPED, State.SUCCEEDED):
        assert at_rest is state
        return
    spoiled, canceled = bool(failed_tasks(counts)), bool(counts.get("canceled"))
    if not set(counts) <= FINAL:
        begun = bool(set(counts) & BEGUN) or state is State.RUNNING
        runs = State.RUNNING if begun else State.QUEUED
        assert at_rest is (state if state is State.PENDING else runs)
    elif at_rest is State.PENDING:  # what it waits for will skip it, or let it go
        assert not (canceled or (cancel and spoiled)) or (spoiled and not cancel)
    elif cancel and (spoiled or canceled) and state not in FINAL:
        assert at_rest is State.CANCELED
    else:
        ends = State.CANCELED if canceled else State.SUCCEEDED
        assert at_rest in {
            State.FAILED if spoiled else ends,
            State.CANCELED if cancel else ends,
        }


@given(state=st.sampled_from(STATES))
def test_a_fan_out_without_tasks_stays_where_it_ended(state: State) -> None:
    job = whole(state)
    change = follow(job, MAP, {}, (), NOW)
    if state in FINAL or state in (State.PENDING, State.QUEUED):
        assert change is None
    assert must_unfold(job, MAP, {}) is (state is State.QUEUED)
    assert not must_unfold(job, MAP, {"queued": 1})
    assert not must_unfold(job, RUN, {})


@pytest.mark.parametrize("marks", [{"held_by": "ana"}, {"cancel_by": "ana"}])
def test_a_fan_out_that_is_held_or_canceled_is_not_unfolded(marks: dict[str, str]) -> None:
    assert not must_unfold(whole(State.QUEUED, **marks), MAP, {})


@pytest.mark.parametrize("state", [State.PENDING, State.QUEUED])
def test_a_fan_out_that_is_canceled_ends_once_its_grace_is_over(state: State) -> None:
    graced = whole(state, cancel_by="ana", cancel_at=NOW + 1)
    assert follow(graced, MAP, {}, (), NOW) is None
    over = follow(graced, MAP, {}, (), NOW + 1)
    assert over is not None
    assert (over.now.state, over.now.cancel_at) == (state, None)
    ended = follow(graced.with_progress(over.now), MAP, {}, (), NOW + 1)
    assert ended is not None
    assert ended.now.state is State.CANCELED


def test_what_failed_is_named() -> None:
    tasks = [a_job(state=State.FAILED, task=f"t{n}") for n in range(7)]
    assert named(tasks) == "t0, t1, t2, t3, t4, … failed"
    assert named([a_job(state=State.SKIPPED, task="a")]) == "a skipped"
    assert named([]) == ""
    change = follow(whole(State.RUNNING), RUN, {"failed": 1, "skipped": 2}, tasks[:1], NOW)
    assert change is not None
    assert change.now.trouble is not None
    assert change.now.trouble.details["roots"] == [{"job": tasks[0].id, "task": "t0"}]


def test_only_what_stops_is_stopped_and_only_while_something_waits() -> None:
    stops = Flow(id=JobId(1), name="f", root=JobId(1), on_failure=OnFailure.STOP)
    bad = [a_job(state=State.FAILED)]
    assert must_stop(stops, bad, {"failed": 1, "pending": 1})
    assert not must_stop(stops, bad, {"failed": 1, "running": 1})
    assert not must_stop(stops, [], {"failed": 1, "pending": 1})
    assert not must_stop(RUN, bad, {"failed": 1, "pending": 1})


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.COMPOSITE])
def test_what_waits_is_stopped(state: State, kind: Kind) -> None:
    job = a_job(state=state, kind=kind)
    change = stop_task(job, "since", NOW)
    if state not in WAITING:
        assert change is None
        return
    assert change is not None
    assert change.now.cancel_why == "since"
    is_whole = kind is Kind.COMPOSITE
    assert change.now.state is (state if is_whole else State.CANCELED)
    assert stop_within(job.with_progress(change.now), "since", NOW) is None


@pytest.mark.parametrize("after", After)
def test_what_is_there_for_a_failure_is_spared(after: After) -> None:
    edges = Constraints(depends_otherwise=(Edge(JobId(9), after),))
    job = a_job(state=State.PENDING, constraints=edges)
    is_spared = after in (After.FAILURE, After.END)
    assert (stop_task(job, "since", NOW) is None) is is_spared
    assert stop_within(job, "since", NOW) is not None


def test_what_somebody_runs_again_is_spared() -> None:
    trouble = Trouble(category=Category.INTERNAL, code="exit", message="exit 1")
    assert stop_task(a_job(now={"trouble": trouble}), "since", NOW) is None
    retried = a_job(state=State.RETRYING, now={"trouble": trouble, "failures": 1})
    assert stop_task(retried, "since", NOW) is not None


def skipped(root: dict[str, object]) -> Job:
    trouble = Trouble(
        category=Category.CANCELED, code="skipped", message="", details={"root": root}
    )
    return a_job(state=State.SKIPPED, now={"trouble": trouble})


def test_the_job_for_which_a_task_was_skipped() -> None:
    assert skipped_for(skipped({"job": 7, "task": "", "state": "failed"})) == 7
    assert skipped_for(skipped({"job": 7, "task": "", "state": "succeeded"})) is None
    assert skipped_for(a_job(state=State.FAILED)) is None
