"""Graphs as text: every task once, every edge down a lane that leads to it."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.flows.graph import MOST_LANES, by_level, lines
from crabtui.data.glyphs import to_ascii
from engine.control.views import EdgeView, TaskView
from tests.kit.golden import check_golden


def a_task(number, name, *needs, **fields):
    edges = tuple(n if isinstance(n, EdgeView) else EdgeView(task=n) for n in needs)
    return TaskView(id=number, task=name, state="queued", edges=edges, **fields)


def picture(tasks):
    rows = []
    for line in lines(tasks):
        lanes = "".join(text for text, _ in line.lanes)
        told = f"  after {', '.join(line.told)}" if line.told else ""
        rows.append((lanes + (line.task.task if line.task else "") + told).rstrip())
    return "\n".join(rows) + "\n"


def test_a_graph_reads_from_top_to_bottom():
    tasks = [
        a_task(1, "prep"),
        a_task(2, "split", "prep"),
        a_task(3, "one", "split"),
        a_task(4, "two", "split"),
        a_task(5, "three", "split", "prep"),
        a_task(6, "train", "one", "two", "three"),
        a_task(7, "lone"),
        a_task(8, "eval", "train", "lone"),
        a_task(9, "report", "eval", "prep"),
        a_task(10, "clean", EdgeView(task="report", after="end")),
        a_task(11, "mend", EdgeView(task="train", after="failure"), "outside"),
    ]
    check_golden("console/graph-of-tasks.txt", picture(tasks))


def test_a_task_below_another_that_it_does_not_need_stands_apart():
    assert picture([a_task(1, "a"), a_task(2, "b")]) == "○ a\n\n○ b\n"
    assert picture([a_task(1, "a"), a_task(2, "b", "a")]) == "○ a\n○ b\n"


def test_tasks_are_ordered_by_what_they_need_however_they_were_written():
    tasks = [a_task(1, "c", "b"), a_task(2, "b", "a"), a_task(3, "a")]
    assert [task.task for task in by_level(tasks)] == ["a", "b", "c"]


def test_a_chain_of_any_length_is_no_trouble():
    chain = [a_task(1, "t0")]
    chain += [a_task(n + 1, f"t{n}", f"t{n - 1}") for n in range(1, 5_000)]
    assert [task.task for task in by_level(chain[::-1])][-1] == "t4999"


def test_edges_without_a_lane_are_told_in_words():
    wide = [a_task(n, f"t{n}") for n in range(1, MOST_LANES + 20)]
    last = a_task(99, "end", *(task.task for task in wide))
    told = [line.told for line in lines([*wide, last]) if line.task and line.task.id == 99]
    assert len(told[0]) == 19
    assert all(
        len("".join(text for text, _ in line.lanes)) <= 2 * MOST_LANES
        for line in lines([*wide, last])
    )


@st.composite
def graphs(draw):
    number = draw(st.integers(1, 14))
    return [
        a_task(n, f"t{n}", *(f"t{k}" for k in draw(st.sets(st.integers(1, n - 1), max_size=4))))
        if n > 1
        else a_task(1, "t1")
        for n in range(1, number + 1)
    ]


@given(graphs())
def test_every_task_stands_once_below_what_it_needs(tasks):
    """Every task has one line, below all that it needs."""
    grid = ["".join(text for text, _ in line.lanes) for line in lines(tasks)]
    named = {place: line.task.task for place, line in enumerate(lines(tasks)) if line.task}
    assert sorted(named.values()) == sorted(task.task for task in tasks)
    assert not any("?" in to_ascii(row) for row in grid)
    order = {name: place for place, name in named.items()}
    for task in tasks:
        for edge in task.edges:
            assert order[edge.task] < order[task.task], "an edge goes down"
