"""The composite job of an array: where its members are, it is."""

from hypothesis import given
from hypothesis import strategies as st

from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import FINAL, State
from engine.policy.composite import follow, number, stop_member, stop_whole
from tests.kit.build import NOW, a_job

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
        is_good = number(after, frozenset({State.SUCCEEDED})) == sum(after.values())
        assert now.now.state is (State.SUCCEEDED if is_good else State.FAILED)


def test_a_canceled_array_ends_as_canceled_when_its_members_have() -> None:
    job = a_job(id=100, kind=Kind.COMPOSITE, now={"cancel_by": "ana"})
    counts = {"canceled": 3, "succeeded": 1}
    ended = settled(job, an_array(counts), counts)
    assert (ended.now.state, ended.now.note) == (State.CANCELED, "3 of 4 canceled")


def test_a_stopped_array_spares_what_somebody_runs_again() -> None:
    array = an_array({"queued": 2}, stop_after=1)
    assert stop_member(a_job(), array, NOW) is not None
    assert stop_member(a_job(state=State.RETRYING), array, NOW) is not None
    assert stop_member(a_job(now={"attempts": 1}), array, NOW) is None
    assert stop_member(a_job(state=State.RUNNING), array, NOW) is None
