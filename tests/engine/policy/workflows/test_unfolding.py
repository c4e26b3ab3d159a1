"""Fan-outs, growth and values that are filled in late: small decisions, each by itself."""

from typing import Any

import pytest

from engine.errors import InvalidSpec, NotAllowed
from engine.model.ids import JobId
from engine.model.spec import Command, Constraints, Kind
from engine.model.states import State
from engine.model.workflow import After, Edge
from engine.policy.workflows.growing import waits_for_more
from engine.policy.workflows.late import filled, filled_name
from engine.policy.workflows.unfolding import MOST_ITEMS, items_in, not_unfolded, unfolded
from tests.kit.build import NOW, a_job, a_spec, a_starting_job


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        (5, "a number"),
        (0.5, "a number"),
        ("text", "a text"),
        ({"a": 1}, "an object"),
        (True, "a yes or no"),
    ],
)
def test_only_a_list_is_fanned_out_over(value: Any, kind: str) -> None:
    with pytest.raises(
        InvalidSpec, match=f"the result of 'x' is no list but {kind}$"
    ) as raised:
        items_in(value, "the result of 'x'")
    assert raised.value.field == "for_each"


def test_a_list_has_a_most() -> None:
    assert len(items_in([0] * MOST_ITEMS, "it")) == MOST_ITEMS
    with pytest.raises(InvalidSpec, match="10001 items; at most 10000"):
        items_in([0] * (MOST_ITEMS + 1), "it")


def test_an_empty_list_is_done() -> None:
    change = unfolded(a_job(kind=Kind.COMPOSITE), 0, NOW)
    assert (change.now.state, change.now.ended_at) == (State.SUCCEEDED, NOW)
    assert unfolded(a_job(kind=Kind.COMPOSITE), 2, NOW).now.state is State.QUEUED


@pytest.mark.parametrize("state", State)
def test_only_what_waits_for_its_tasks_fails_for_want_of_them(state: State) -> None:
    change = not_unfolded(a_job(state=state), InvalidSpec("no list"), NOW)
    assert (change is not None) is (state is State.QUEUED)
    if change is not None:
        assert change.now.trouble is not None
        assert (change.now.state, change.now.trouble.message) == (State.FAILED, "no list")


def waiting(*edges: Edge, unmet: int, state: State = State.PENDING) -> Any:
    rules = Constraints(
        depends_on=tuple(edge.on for edge in edges if edge.after is After.SUCCESS),
        depends_otherwise=tuple(edge for edge in edges if edge.after is not After.SUCCESS),
    )
    return a_job(id=50, state=state, constraints=rules, now={"unmet": unmet})


def test_a_task_waits_for_more_besides_what_it_waits_for_outside() -> None:
    known = {
        JobId(1): a_job(id=1, state=State.RUNNING),
        JobId(2): a_job(id=2, state=State.SUCCEEDED),
        JobId(3): a_job(id=3, state=State.FAILED),
    }
    outside = (Edge(JobId(90)), Edge(JobId(91), After.END))
    job = waiting(Edge(JobId(1)), *outside, unmet=3)
    edges = [Edge(JobId(1)), Edge(JobId(2)), Edge(JobId(3), After.FAILURE), Edge(JobId(7))]
    change = waits_for_more(job, edges, known)
    assert change is not None
    assert (change.now.state, change.now.unmet) == (State.PENDING, 4)
    assert change.spec is not None
    assert set(change.spec.constraints.edges) == {*edges, *outside}


def test_a_task_that_could_start_waits_again() -> None:
    change = waits_for_more(waiting(unmet=0, state=State.QUEUED), [Edge(JobId(7))], {})
    assert change is not None
    assert (change.now.state, change.now.unmet, change.now.queued_at) == (
        State.PENDING,
        1,
        None,
    )
    done = {JobId(7): a_job(id=7, state=State.SUCCEEDED)}
    change = waits_for_more(waiting(unmet=0, state=State.QUEUED), [Edge(JobId(7))], done)
    assert change is not None
    assert (change.now.state, change.now.unmet) == (State.QUEUED, 0)


def test_what_waits_for_nothing_new_is_left_as_it_is() -> None:
    known = {JobId(1): a_job(id=1, state=State.RUNNING)}
    for state in (State.PENDING, State.RUNNING, State.SUCCEEDED):
        job = waiting(Edge(JobId(1)), unmet=1, state=state)
        assert waits_for_more(job, [Edge(JobId(1))], known) is None


@pytest.mark.parametrize("state", sorted(set(State) - {State.PENDING, State.QUEUED}))
def test_what_has_started_waits_for_nothing_more(state: State) -> None:
    with pytest.raises(NotAllowed, match="cannot wait for anything more"):
        waits_for_more(waiting(unmet=0, state=state), [Edge(JobId(7))], {})
    with pytest.raises(NotAllowed, match="is starting"):
        waits_for_more(a_starting_job(), [Edge(JobId(7))], {})


CONTEXT = {
    "results": {"a": {"n": 3, "s": "x y"}, "a.b": [1, 2], "none": None},
    "item": {"k": "it's"},
    "index": 2,
    "params": {},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ results.a.n }}", "3"),
        ("${{ results.a.s }}!", "x y!"),
        ("${{ results.a.b.1 }}", "2"),
        ("${{ results.a.b }}", "[1,2]"),
        ("${{ item.k }}-${{ index }}", "it's-2"),
        ("${{ results.none }}", "null"),
        ("plain $x", "plain $x"),
    ],
)
def test_values_are_filled_in_everywhere(text: str, value: str) -> None:
    command = Command(argv=("do", text), env={"E": text}, cwd=text, stdin=text)
    found = filled(a_spec().__class__(command=command), CONTEXT).command
    assert (found.argv[1], found.env["E"], found.cwd, found.stdin) == (value,) * 4
    assert filled_name(text, CONTEXT) == value


def test_values_are_words_of_a_line() -> None:
    spec = a_spec().__class__(command=Command(shell="do ${{ item.k }} ${{ results.a.s }}"))
    assert filled(spec, CONTEXT).command.shell == "do 'it'\"'\"'s' 'x y'"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${{ results.a.m }}", "'m'"),
        ("${{ results.other }}", "'other' left no result"),
        ("${{ results.a.n.x }}", "n"),
        ("${{ results.none.x }}", "x"),
    ],
)
def test_a_place_of_nothing_is_refused_with_its_name(text: str, words: str) -> None:
    spec = a_spec().__class__(command=Command(argv=(text,)))
    with pytest.raises(InvalidSpec, match=words):
        filled(spec, CONTEXT)
    with pytest.raises(InvalidSpec):
        filled_name("${{ item }}", {"results": {}})
