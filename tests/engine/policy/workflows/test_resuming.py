"""What is taken up again: never a success, each behind what it waits for."""

from hypothesis import given
from hypothesis import strategies as st

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.states import FINAL, Signal, State
from engine.model.workflow import MET_BY, After, Edge
from engine.policy.jobs.steering import revive
from engine.policy.workflows.resuming import await_again, behind, resumable
from tests.kit.build import NOW, a_job

Graph = dict[JobId, list[Edge]]


@st.composite
def ended_runs(draw: st.DrawFn) -> tuple[Graph, dict[JobId, State]]:
    """A graph, and how each of its tasks stands; none was skipped without a cause."""
    graph: Graph = {}
    states: dict[JobId, State] = {}
    for number in range(1, draw(st.integers(2, 9))):
        on = (
            draw(st.lists(st.sampled_from(list(graph)), unique=True, max_size=3))
            if graph
            else []
        )
        graph[JobId(number)] = [Edge(one, draw(st.sampled_from(After))) for one in on]
        is_met = all(states[edge.on] in MET_BY[edge.after] for edge in graph[JobId(number)])
        ran = [State.SUCCEEDED, State.FAILED, State.CANCELED, State.TIMEOUT, State.RUNNING]
        said = draw(st.sampled_from(ran))
        states[JobId(number)] = said if is_met else State.SKIPPED
    return graph, states


@given(ended_runs())
def test_what_can_run_runs_in_an_order_behind_what_it_waits_for(
    run: tuple[Graph, dict[JobId, State]],
) -> None:
    graph, states = run
    failed = {State.FAILED, State.CANCELED, State.TIMEOUT}
    again = {id_: graph[id_] for id_, state in states.items() if state in failed}
    skipped = {id_: graph[id_] for id_, state in states.items() if state is State.SKIPPED}
    others = {id_: s for id_, s in states.items() if id_ not in again and id_ not in skipped}
    found = resumable(again, skipped, others)
    assert again.keys() <= found.keys() <= again.keys() | skipped.keys()
    place = {id_: at for at, id_ in enumerate(found)}
    for id_, unmet in found.items():
        assert all(place[e.on] < place[id_] for e in graph[id_] if e.on in place)
        now = {**states, **dict.fromkeys(found, State.QUEUED)}
        assert unmet == sum(now[e.on] not in MET_BY[e.after] for e in graph[id_])
    for id_ in skipped.keys() - found.keys():
        now = {**states, **dict.fromkeys(found, State.QUEUED)}
        assert any(now[e.on] in FINAL - MET_BY[e.after] for e in graph[id_])
    for id_ in skipped.keys() & found.keys():
        now = {**states, **dict.fromkeys(found, State.QUEUED)}
        assert not any(now[e.on] in FINAL - MET_BY[e.after] for e in graph[id_])


def test_what_follows_any_end_of_what_stays_skipped_is_met() -> None:
    rescue, last = JobId(2), JobId(3)
    skipped = {
        rescue: [Edge(JobId(1), After.FAILURE)],
        last: [Edge(rescue, After.END), Edge(JobId(4))],
    }
    assert resumable({JobId(4): []}, skipped, {JobId(1): State.SUCCEEDED}) == {4: 0, last: 1}


def test_a_skipped_task_waits_again_once() -> None:
    job = a_job(state=State.SKIPPED, now={"unmet": 2, "note": "x", "held_by": "bob"})
    change = await_again(job, 1, NOW, "ana")
    assert change is not None
    now = change.now
    assert (now.state, now.unmet, now.queued_at) == (State.PENDING, 1, None)
    assert (now.note, now.held_by, now.ended_at, now.trouble) == ("", None, None, None)
    free = await_again(job, 0, NOW, "ana")
    assert free is not None
    assert (free.now.state, free.now.queued_at) == (State.QUEUED, NOW)
    for state in set(State) - {State.SKIPPED}:
        assert await_again(a_job(state=state), 1, NOW, "ana") is None


def test_what_failed_waits_for_what_failed_before_it() -> None:
    change = revive(a_job(state=State.FAILED), NOW, "ana")
    assert behind(change, 0) is change
    assert behind(None, 3) is None
    waits = behind(change, 2)
    assert waits is not None
    assert (waits.signal, waits.event) == (Signal.REVIVE, EventType.JOB_BLOCKED)
    assert (waits.now.state, waits.now.unmet, waits.now.queued_at) == (State.PENDING, 2, None)
