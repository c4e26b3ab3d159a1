"""Plans: the longest chain, the width, what may be late, and what is left of a run."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.model.intake.workflow import read_workflow
from engine.model.workflow import After
from engine.policy.workflows.graph import graph_of
from engine.policy.workflows.plan import plan
from engine.policy.workflows.whole import planned
from tests.engine.policy.workflows.graphs import Edges, acyclic_graphs, longest, tasks

A = {"command": ["true"]}


def times_for(edges: Edges, data: st.DataObject) -> dict[str, int]:
    return {name: data.draw(st.integers(1, 9), label=name) for name in edges}


@given(acyclic_graphs(), st.data())
def test_a_plan_is_as_long_as_its_longest_chain(edges: Edges, data: st.DataObject) -> None:
    durations = times_for(edges, data)
    found = plan(graph_of(tasks(edges)), durations)
    assert found.length == max(longest(edges, durations, name) for name in edges)
    for name, span in found.spans.items():
        assert span.end == longest(edges, durations, name)
        assert span.end - span.start == durations[name]
    path = found.critical_path
    assert sum(durations[name] for name in path) == found.length
    assert all(on in dict(edges[name]) for on, name in pairwise(path))
    assert all(found.spans[name].slack == 0 for name in path)


@given(acyclic_graphs(), st.data())
def test_slack_is_what_a_task_may_be_late(edges: Edges, data: st.DataObject) -> None:
    durations = times_for(edges, data)
    found = plan(graph_of(tasks(edges)), durations)
    name = data.draw(st.sampled_from(list(edges)))
    slack = found.spans[name].slack
    for late, length in ((slack, found.length), (slack + 1, found.length + 1)):
        slower = {**durations, name: durations[name] + late}
        assert plan(graph_of(tasks(edges)), slower).length == length


@given(acyclic_graphs())
def test_levels_count_what_comes_before(edges: Edges) -> None:
    found = plan(graph_of(tasks(edges)), {})
    each = dict.fromkeys(edges, 1)
    assert sorted(name for names in found.levels for name in names) == sorted(edges)
    for name, level in found.level_of.items():
        assert level == longest(edges, each, name) - 1
    assert [list(names) for names in found.levels] == [
        [name for name in edges if found.level_of[name] == level]
        for level in range(len(found.levels))
    ]


@given(acyclic_graphs(), st.data())
def test_the_width_is_the_most_at_one_instant(edges: Edges, data: st.DataObject) -> None:
    durations = times_for(edges, data)
    found = plan(graph_of(tasks(edges)), durations)
    at = [
        sum(span.start <= now < span.end for span in found.spans.values())
        for now in range(found.length)
    ]
    assert found.width == max(at)
    assert found.efficiency == sum(durations.values()) / (found.length * found.width)


@given(acyclic_graphs(), st.data())
def test_a_run_that_goes_as_planned_ends_as_planned(edges: Edges, data: st.DataObject) -> None:
    durations = times_for(edges, data)
    graph = graph_of(tasks(edges))
    first = plan(graph, durations)
    now = data.draw(st.integers(0, first.length))
    begun = {name: span.start for name, span in first.spans.items() if span.start < now}
    ended = {name: span.end for name, span in first.spans.items() if span.end <= now}
    again = plan(graph, durations, begun=begun, ended=ended, now=now)
    assert again.length == first.length
    assert {name: (span.start, span.end) for name, span in again.spans.items()} == {
        name: (span.start, span.end) for name, span in first.spans.items()
    }


def test_what_is_late_makes_the_rest_late() -> None:
    edges: Edges = {"a": (), "b": (("a", After.SUCCESS),), "c": ()}
    graph, each = graph_of(tasks(edges)), dict.fromkeys(edges, 10)
    found = plan(graph, each, begun={"a": 0}, now=30)
    assert (found.spans["a"].end, found.spans["b"].start, found.length) == (30, 30, 40)
    assert found.critical_path == ("a", "b")
    skipped = plan(graph, each, begun={"a": 0}, ended={"a": 5, "b": 5, "c": 20}, now=30)
    assert (skipped.length, skipped.critical_path) == (20, ("c",))


def test_a_whole_definition_is_planned() -> None:
    inner = {"tasks": {"x": A, "y": {**A, "depends_on": ["x"]}}}
    found = planned(
        read_workflow(
            {
                "tasks": {
                    "one": A,
                    "sweep": {**A, "array": {"values": "1-7", "limit": 2}},
                    "each": {**A, "for_each": [1, 2, 3], "depends_on": ["one"]},
                    "later": {**A, "for_each": "one"},
                    "in": {"workflow": inner, "depends_on": ["one"]},
                }
            }
        ),
        {"one": 10, "sweep": 100, "each": 40, "in/x": 300, "in/y": 500},
    )
    assert found.jobs == {"one": 1, "sweep": 7, "each": 3, "later": 1, "in": 2}
    assert found.count == 14
    assert found.durations == {"one": 10, "sweep": 400, "each": 40, "later": 50, "in": 800}
    assert found.plan.critical_path == ("one", "in")
    assert found.is_guess
