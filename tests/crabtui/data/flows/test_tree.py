"""Rows of runs: against a tree that is written out in full."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.flows.tree import GRID, a_tree
from engine.control.views import FlowDetail, FlowView, TaskView

RUN = 1


def a_flow(number):
    return FlowView(id=number, name=f"f{number}", run=1, state="running", root=RUN)


def tasks_of(number, kinds):
    """Ids are the place after a hundred times what they are of."""
    return [
        TaskView(id=number * 100 + place, task=f"t{place}", state="queued", kind=kind)
        for place, kind in enumerate(kinds)
    ]


def a_window(number, tasks, at=0, count=None):
    part = tasks[at:] if count is None else tasks[at : at + count]
    return FlowDetail(flow=a_flow(number), tasks=tuple(part), offset=at, total=len(tasks))


def shown(tree):
    """Depth and job of every row; what is not loaded is None."""
    rows = [tree.at(place) for place in range(tree.total)]
    return [(row.depth, row.task.id if row.task else row.of and None) for row in rows]


def test_a_run_alone_has_one_row():
    tree = a_tree(RUN)
    assert tree.total == 1
    assert tree.at(0).of == 0
    assert tree.at(1) is None
    assert tree.row_of(RUN) == 0


def test_what_is_unfolded_stands_below_its_row():
    outer = tasks_of(RUN, ["command", "workflow", "command"])
    tree = a_tree(RUN).take([a_window(RUN, outer)])
    tree = tree.unfolded(2)
    assert tree.spans(0, 10)[-1] == (101, 0, GRID), "it is asked for"
    inner = tasks_of(101, ["command", "map"])
    tree = tree.take([a_window(101, inner)])
    assert shown(tree) == [(0, 0), (1, 100), (1, 101), (2, 10100), (2, 10101), (1, 102)]
    assert tree.at(2).is_open
    assert tree.parent_row(4) == 2
    assert tree.parent_row(5) == 0
    assert tree.parent_row(0) is None
    deep = tree.unfolded(4).take([a_window(10101, tasks_of(10101, ["command"]))])
    assert [depth for depth, _ in shown(deep)] == [0, 1, 1, 2, 2, 3, 1]
    assert deep.row_of(102) == 6
    folded = deep.folded(2)
    assert [job for _, job in shown(folded)] == [0, 100, 101, 102], "and all that was in it"
    assert folded.folds == ()


def test_an_array_unfolds_into_its_jobs():
    tree = a_tree(RUN).take([a_window(RUN, tasks_of(RUN, ["array"]))])
    assert tree.unfolded(1).folds


def test_what_has_no_tasks_does_not_unfold():
    tree = a_tree(RUN).take([a_window(RUN, tasks_of(RUN, ["command"]))])
    assert tree.unfolded(1) is tree
    assert tree.unfolded(0) is tree
    assert tree.folded(1) is tree


def test_only_what_is_in_view_is_asked_for():
    tasks = tasks_of(RUN, ["command"] * 90) * 200
    tree = a_tree(RUN).take([a_window(RUN, tasks, 0, 50)])
    assert tree.total == 18_001
    assert tree.at(9_000).task is None
    [(of, at, count)] = tree.spans(9_000, 60)
    assert (of, at <= 8_999, at + count >= 9_059, count <= 3 * GRID) == (RUN, True, True, True)
    near = tree.spans(9_010, 60)
    assert near == tree.spans(9_011, 60), "a small move asks for nothing else"


def test_tasks_that_went_are_forgotten_and_new_ones_have_rows():
    tasks = tasks_of(RUN, ["command"] * 3)
    tree = a_tree(RUN).take([a_window(RUN, tasks)])
    assert tree.take([a_window(RUN, tasks[:1])]).total == 2
    more = tree.take([a_window(RUN, tasks_of(RUN, ["command"] * 5), 3, 1)])
    assert more.total == 6
    assert more.at(4).task.id == 103
    assert more.at(5).task is None


@given(
    kinds=st.lists(st.sampled_from(["command", "map"]), min_size=1, max_size=8),
    inner=st.integers(0, 4),
    opened=st.lists(st.integers(0, 7), max_size=5),
)
def test_rows_are_those_of_the_whole_tree(kinds, inner, opened):
    tasks = tasks_of(RUN, kinds)
    tree = a_tree(RUN).take([a_window(RUN, tasks)])
    is_open = set()
    for place in opened:
        if place < len(tasks):
            tree = tree.unfolded(tree.row_of(tasks[place].id))
            if kinds[place] == "map":
                is_open.add(place)
    for place in is_open:
        own = tasks_of(tasks[place].id, ["command"] * inner)
        tree = tree.take([a_window(tasks[place].id, own)])
    expected = [(0, 0)]
    for place, task in enumerate(tasks):
        expected.append((1, task.id))
        if place in is_open:
            expected += [(2, task.id * 100 + each) for each in range(inner)]
    assert shown(tree) == expected
    for row, (_, job) in enumerate(expected[1:], 1):
        assert tree.row_of(job) == row
