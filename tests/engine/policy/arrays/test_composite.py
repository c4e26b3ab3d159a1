"""The composite job of an array: where its members are, it is."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.limits import Restart
from engine.model.outcome import Outcome
from engine.model.spec import Kind
from engine.model.states import FINAL, State
from engine.policy.arrays.composite import (
    cancel_whole,
    follow,
    stop_member,
    stop_whole,
    uncancel_whole,
)
from engine.policy.jobs.outcomes import outcome_of
from engine.policy.jobs.promotion import due
from engine.policy.jobs.settlement import settle
from engine.policy.jobs.steering import revive
from tests.kit.build import NOW, a_job

FAILED = outcome_of("exited", code=1)

COUNTS = st.dictionaries(
    st.sampled_from([s.value for s in State]), st.integers(1, 5), min_size=1
)


def settled(job: Job, array: Array, counts: dict[str, int]) -> Job:
    """The composite after as many steps as it takes; a few must do."""
    for _ in range(3):
        change = stop_whole(job, array, counts) or follow(job, array, counts, NOW)
        if change is None:
            return job
        job = job.with_progress(change.now)
    raise AssertionError("it does not come to rest")


def an_array(counts: dict[str, int], stop_after: int | None = None) -> Array:
    last = JobId(100 + sum(counts.values()))
    return Array(id=JobId(100), first=JobId(101), last=last, stop_after=stop_after)


@example({"succeeded": 1, "failed": 1}, {"canceled": 1}, None)
@example({"canceled": 2}, {"failed": 1, "canceled": 1}, None)
@given(COUNTS, COUNTS, st.sampled_from([None, 1, 3]))
def test_wherever_members_go_the_composite_follows(
    before: dict[str, int], after: dict[str, int], stop_after: int | None
) -> None:
    job = a_job(id=100, kind=Kind.COMPOSITE)
    was = settled(job, an_array(before, stop_after), before)
    if was.now.state is State.SUCCEEDED:
        return
    now = settled(was, an_array(after, stop_after), after)
    has_ended = set(after) <= set(FINAL)
    assert (now.now.state in FINAL) == has_ended
    assert (now.now.ended_at is not None) == has_ended
    if has_ended:
        ends = {State(name) for name in after}
        if ends == {State.SUCCEEDED}:
            assert now.now.state is State.SUCCEEDED
        elif ends <= {State.SUCCEEDED, State.CANCELED}:
            assert now.now.state is State.CANCELED
        else:
            assert now.now.state is State.FAILED


def test_a_canceled_array_ends_as_canceled_when_its_members_have() -> None:
    job = a_job(id=100, kind=Kind.COMPOSITE, now={"cancel_by": "ana"})
    counts = {"canceled": 3, "succeeded": 1}
    ended = settled(job, an_array(counts), counts)
    assert (ended.now.state, ended.now.note) == (State.CANCELED, "3 of 4 canceled")


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_the_end_of_a_grace_leaves_the_array_to_its_members(state: State) -> None:
    job = a_job(id=100, kind=Kind.COMPOSITE, state=state)
    counts = {state.value: 2}
    array = an_array(counts)
    canceled = cancel_whole(job, NOW, "ana", undo_ms=5_000)
    assert canceled is not None
    asked = job.with_progress(canceled.now)
    assert asked.now.cancel_at == NOW + 5_000_000
    assert follow(asked, array, counts, NOW) is None
    for change in (
        follow(asked, array, counts, NOW + 5_000_000),
        due(asked, NOW + 5_000_000),
        cancel_whole(asked, NOW, "ben"),
    ):
        assert change is not None
        over = asked.with_progress(change.now)
        assert (over.now.state, over.now.cancel_at) == (state, None)
        assert over.now.cancel_by == "ana"
    back = uncancel_whole(asked, "ben")
    assert back is not None
    assert (back.now.cancel_at, back.now.cancel_by) == (None, None)


def test_a_stopped_array_spares_what_somebody_runs_again() -> None:
    array = an_array({"queued": 2}, stop_after=1)
    assert stop_member(a_job(), array, NOW) is not None
    assert stop_member(a_job(state=State.RETRYING), array, NOW) is not None
    assert stop_member(a_job(state=State.RUNNING), array, NOW) is None
    failed = a_job(state=State.RUNNING)
    failed = failed.with_progress(settle(failed, FAILED, Random(0), NOW).now)
    again = failed.with_progress(revive(failed, NOW, by="ana").now)
    assert stop_member(again, array, NOW) is None


@pytest.mark.parametrize("outcome", [outcome_of("lost"), outcome_of("void")])
def test_a_stopped_array_spares_nothing_that_came_back_by_itself(outcome: Outcome) -> None:
    array = an_array({"queued": 2}, stop_after=1)
    ran = a_job(state=State.RUNNING, restart=Restart.SAFE)
    back = ran.with_progress(settle(ran, outcome, Random(0), NOW).now)
    assert back.now.state is State.QUEUED
    assert stop_member(back, array, NOW) is not None
