"""Counters: exact sums, and nothing kept of what is not there."""

from hypothesis import given
from hypothesis import strategies as st

from engine.ledger.memory.counters import Counters, Key, key_of
from engine.model.states import State
from engine.model.worker import Count
from tests.kit.build import a_job

KEYS = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from("xy"),
    st.integers(0, 2),
    st.sampled_from(["pending", "queued", "running"]),
)


@given(st.lists(KEYS), st.data())
def test_sums_are_those_of_the_jobs_there_are(keys: list[Key], data: st.DataObject) -> None:
    counters = Counters()
    for key in keys:
        counters.added(key)
    gone = data.draw(st.lists(st.sampled_from(keys), unique_by=id)) if keys else []
    left = list(keys)
    for key in gone:
        if key in left:
            left.remove(key)
            counters.added(key, -1)
    states = [key[3] for key in left]
    assert counters.by_state() == {state: states.count(state) for state in set(states)}
    for state in ("pending", "queued", "running", "failed"):
        assert counters.in_state(state) == states.count(state)
    by_queue = counters.by_queue()
    assert set(by_queue) == {key[0] for key in left}
    assert sum(sum(sums.values()) for sums in by_queue.values()) == len(left)
    assert len(counters._numbers) == len(set(left))


def test_a_move_leaves_no_empty_counter_behind() -> None:
    counters = Counters()
    job = a_job(queue="a")
    counters.load([Count(*key_of(job.spec.tenant, job.now), 1)])
    counters.moved(job, job.now)
    counters.moved(job, a_job(queue="a", state=State.RUNNING).now)
    assert counters.by_queue() == {"a": {"running": 1}}
    assert len(counters._numbers) == 1
