"""Graphs of workflows: three ways to be none, an order, fallbacks as edges, and growth."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DependencyCycle, DuplicateTask, InvalidSpec, UnknownDependency
from engine.model.definition import Definition, Growth, TaskDefinition
from engine.model.ids import JobId
from engine.model.intake.workflow import read_workflow
from engine.model.workflow import After, Fallback
from engine.policy.workflows.expansion import Expansion
from engine.policy.workflows.graph import Graph, graph_of, grown
from engine.policy.workflows.whole import planned
from tests.engine.policy.workflows.graphs import Edges, acyclic_graphs, any_graphs, has_cycle
from tests.engine.policy.workflows.graphs import tasks as tasks_of

OK = After.SUCCESS


def a_task(
    name: str, *on: str | tuple[str, After], value: bool = False, spare: str | None = None
) -> TaskDefinition:
    after = tuple((one, OK) if isinstance(one, str) else one for one in on)
    return TaskDefinition(
        name=name,
        job={},
        after=after,
        fallback=Fallback(1) if value else None,
        spare=spare,
    )


@given(any_graphs())
def test_a_graph_is_refused_if_and_only_if_tasks_wait_for_each_other(edges: Edges) -> None:
    if not has_cycle(edges):
        assert sorted(graph_of(tasks_of(edges)).order) == sorted(edges)
        return
    with pytest.raises(DependencyCycle) as refused:
        graph_of(tasks_of(edges))
    path = refused.value.details["cycle"]
    assert path[0] == path[-1]
    assert len(set(path)) == len(path) - 1
    for name, on in pairwise(path):
        assert on in dict(edges[name])
        assert name in refused.value.message


@given(acyclic_graphs())
def test_every_task_stands_behind_all_that_it_waits_for(edges: Edges) -> None:
    order = graph_of(tasks_of(edges)).order
    place = {name: at for at, name in enumerate(order)}
    assert all(place[on] < place[name] for name in edges for on, _ in edges[name])


@given(acyclic_graphs())
def test_the_order_is_the_first_one_by_what_was_written(edges: Edges) -> None:
    left, order = list(edges), []
    while left:
        free = next(one for one in left if not any(on in left for on, _ in edges[one]))
        left.remove(free)
        order.append(free)
    assert graph_of(tasks_of(edges)).order == tuple(order)


@given(acyclic_graphs(), st.data())
def test_an_unknown_task_is_no_cycle(edges: Edges, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(edges)))
    broken = {**edges, name: (*edges[name], ("t9x", OK))}
    with pytest.raises(UnknownDependency) as refused:
        graph_of(tasks_of(broken))
    assert refused.value.field == f"tasks.{name}.depends_on"
    assert "t9x" in refused.value.message


def test_the_nearest_task_is_named() -> None:
    with pytest.raises(UnknownDependency) as refused:
        graph_of([a_task("train"), a_task("eval", "trian")])
    assert refused.value.nearest == "train"


def test_a_name_is_given_once() -> None:
    with pytest.raises(DuplicateTask) as refused:
        graph_of([a_task("a"), a_task("a")])
    assert refused.value.field == "tasks.a"


def test_a_task_cannot_wait_for_itself() -> None:
    with pytest.raises(DependencyCycle, match="a → a"):
        graph_of([a_task("a", "a")])


def test_a_long_cycle_is_found_and_cut_short() -> None:
    ring = [a_task(f"t{n}", f"t{(n + 1) % 50_000}") for n in range(50_000)]
    with pytest.raises(DependencyCycle) as refused:
        graph_of(ring)
    assert len(refused.value.message) < 500
    assert "…" in refused.value.message


def test_a_value_lets_those_go_on_that_wait_for_success() -> None:
    found = graph_of([a_task("t", value=True), a_task("d", "t"), a_task("e", ("t", After.END))])
    assert found.edges["d"] == (("t", After.SETTLED),)
    assert found.edges["e"] == (("t", After.END),)


def test_a_spare_is_run_after_the_failure_and_waited_for() -> None:
    found = graph_of([a_task("d", "t"), a_task("t", spare="f"), a_task("f")])
    assert found.edges["f"] == (("t", After.FAILURE),)
    assert found.edges["d"] == (("t", After.SETTLED), ("f", After.SPARE))
    assert found.order == ("t", "f", "d")


def test_a_spare_that_waits_for_success_waits_for_failure() -> None:
    found = graph_of([a_task("t", spare="f"), a_task("f", "t")])
    assert found.edges["f"] == (("t", After.FAILURE),)


@pytest.mark.parametrize(
    "tasks",
    [
        [a_task("t", spare="t")],
        [a_task("t", spare="f"), a_task("f", value=True)],
        [a_task("t", spare="f"), a_task("f", spare="g"), a_task("g")],
        [a_task("t", spare="f"), a_task("u", spare="f"), a_task("f")],
    ],
)
def test_what_cannot_stand_in_is_refused(tasks: list[TaskDefinition]) -> None:
    with pytest.raises(InvalidSpec):
        graph_of(tasks)


def test_a_spare_that_is_waited_for_by_its_task_is_a_cycle() -> None:
    with pytest.raises(DependencyCycle):
        graph_of([a_task("t", "f", spare="f"), a_task("f")])


def grow(known: Graph, *new: TaskDefinition, **edges: str) -> Graph:
    more = {name: ((on, OK),) for name, on in edges.items()}
    return grown(known.edges, Growth(tasks=new, edges=more))


@given(acyclic_graphs(), acyclic_graphs(most=4), st.data())
def test_what_has_grown_is_what_would_have_been_written(
    old: Edges, new: Edges, data: st.DataObject
) -> None:
    known = graph_of(tasks_of(old))
    added = {
        f"n-{name}": (
            *((f"n-{on}", after) for on, after in own),
            *((on, OK) for on in data.draw(st.lists(st.sampled_from(list(old)), unique=True))),
        )
        for name, own in new.items()
    }
    found = grown(known.edges, Growth(tasks=tuple(tasks_of(added))))
    assert found == graph_of(tasks_of({**old, **added}))


@given(acyclic_graphs(), st.data())
def test_growth_keeps_a_graph_without_cycles(old: Edges, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(old)))
    on = data.draw(st.sampled_from(list(old)))
    wanted = {**old, name: (*old[name], *(((on, OK),) if on not in dict(old[name]) else ()))}
    if has_cycle(wanted):
        with pytest.raises(DependencyCycle):
            grow(graph_of(tasks_of(old)), **{name: on})
    else:
        assert grow(graph_of(tasks_of(old)), **{name: on}).edges == wanted


def test_growth_is_checked_like_the_first_tasks() -> None:
    known = graph_of([a_task("a"), a_task("b", "a")])
    with pytest.raises(DuplicateTask):
        grow(known, a_task("a"))
    with pytest.raises(UnknownDependency):
        grow(known, a_task("n", "x"))
    with pytest.raises(UnknownDependency):
        grow(known, x="a")
    with pytest.raises(InvalidSpec, match="waits for 'a' already"):
        grown(known.edges, Growth(edges={"b": (("a", After.END),)}))


def test_what_is_added_knows_the_fallbacks_that_there_are() -> None:
    known = graph_of([a_task("t", spare="f"), a_task("f"), a_task("v", value=True)])
    growth = Growth(tasks=(a_task("n", "t", "v"),))
    found = grown(known.edges, growth, {"t": "f", "v": None})
    assert found.edges["n"] == (
        ("t", After.SETTLED),
        ("f", After.SPARE),
        ("v", After.SETTLED),
    )


def a_spare_for(own: tuple[tuple[str, After], ...], *after: tuple[str, After]) -> Edges:
    """The edges of a task with these edges, whose spare waits for others."""
    names = ("z", "y")
    found = [TaskDefinition(name=name, job={}) for name in names]
    found.append(TaskDefinition(name="m", job={}, after=(("z", After.SUCCESS),)))
    found.append(TaskDefinition(name="a", job={}, after=own, spare="s"))
    found.append(TaskDefinition(name="s", job={}, after=after))
    return dict(graph_of(found).edges)


def test_a_spare_waits_for_nothing_that_could_have_it_skipped() -> None:
    z, m = ("z", After.SUCCESS), ("m", After.SUCCESS)
    assert a_spare_for((z,), z)["s"] == (z, ("a", After.FAILURE))
    assert a_spare_for((m,), z)["s"] == (z, ("a", After.FAILURE))
    assert a_spare_for((), ("y", After.END))["s"] == (("y", After.END), ("a", After.FAILURE))
    failed = ("z", After.FAILURE)
    for own, wrong in (((), z), ((failed,), z), ((z,), ("y", After.SUCCESS)), ((z,), failed)):
        with pytest.raises(InvalidSpec, match="could be skipped when it is needed") as raised:
            a_spare_for(own, wrong)
        assert raised.value.field == "tasks.a.fallback.task"


def test_a_spare_that_is_there_gets_no_such_edge_either() -> None:
    known = graph_of([*SPARED, TaskDefinition(name="y", job={})]).edges
    growth = Growth(edges={"s": (("y", After.SUCCESS),)})
    with pytest.raises(InvalidSpec, match="'s' waits for 'y'"):
        grown(known, growth, {"a": "s"})
    both = Growth(edges={"s": (("y", After.SUCCESS),), "a": (("y", After.SUCCESS),)})
    assert ("y", After.SUCCESS) in grown(known, both, {"a": "s"}).edges["s"]


SPARED = (TaskDefinition(name="a", job={}, spare="s"), TaskDefinition(name="s", job={}))


def _expanded(whole: Definition) -> object:
    return Expansion.of_run(whole, JobId(1))


def _planned(whole: Definition) -> object:
    return planned(whole, {})


@pytest.mark.parametrize("look", [_expanded, _planned])
def test_what_is_wrong_within_another_workflow_has_its_place(
    look: Callable[[Definition], object],
) -> None:
    inner = {"tasks": {"b": {"command": ["true"], "depends_on": ["bb"]}}}
    whole = read_workflow({"name": "w", "tasks": {"a": {"workflow": inner}}})
    with pytest.raises(UnknownDependency) as caught:
        look(whole)
    assert caught.value.field == "tasks.a.workflow.tasks.b.depends_on"
    assert caught.value.message.startswith("tasks.a.workflow.tasks.b.depends_on: it waits for")
    assert caught.value.nearest == "b"


def test_a_list_of_no_task_is_told_where_it_is_asked_for() -> None:
    tasks: dict[str, Any] = {
        "a": {"command": ["true"]},
        "b": {"command": ["true"], "for_each": "aa"},
    }
    with pytest.raises(UnknownDependency, match=r"^tasks\.b\.for_each: .*'aa'.*'a'\?$"):
        graph_of(read_workflow({"name": "w", "tasks": tasks}).tasks)
