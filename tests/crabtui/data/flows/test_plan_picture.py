"""Plans as text, and graphs for Graphviz, in which whatever a name holds is one word."""

import re

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.flows.dot import dot, quoted
from crabtui.data.flows.plan_picture import picture
from engine.control.views import EdgeView
from tests.kit.golden import check_golden

LEVELS = (("load", "probe"), ("left", "right"), ("join",))
EDGES = {
    "load": (),
    "probe": (),
    "left": (EdgeView(task="load"),),
    "right": (EdgeView(task="load"), EdgeView(task="probe", after="settled")),
    "join": (EdgeView(task="left"), EdgeView(task="right", after="end"), EdgeView(task="#12")),
}
PATH = ("load", "right", "join")
NOTES = {"load": "0ms–2s", "right": "[map of 4]  2s–4s"}


def test_a_plan_is_drawn_by_levels() -> None:
    lines = picture(LEVELS, EDGES, critical=PATH, notes=NOTES)
    check_golden("cli/plan.txt", "\n".join(lines) + "\n")


def test_no_line_is_wider_than_asked() -> None:
    for width in (10, 20, 33):
        lines = picture(LEVELS, EDGES, critical=PATH, notes=NOTES, width=width)
        assert max(map(len, lines)) <= width
        assert any(line.endswith("…") for line in lines)


def test_of_a_wide_level_the_first_are_drawn() -> None:
    names = tuple(f"t{n}" for n in range(1_000))
    lines = picture((names,), dict.fromkeys(names, ()))
    assert lines[0] == "level 0: 1,000 tasks at once"
    assert lines[-1] == "└─ and 950 more"
    assert len(lines) == 52


def test_a_graph_for_graphviz() -> None:
    states = {"load": "succeeded", "left": "failed", "join": "pending"}
    lines = dot('a "b"', EDGES, critical=PATH, states=states, notes=states)
    check_golden("cli/graph.dot", "\n".join(lines) + "\n")


@given(st.text())
def test_any_text_is_one_word(text: str) -> None:
    word = quoted(text)
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', word)
    assert "\n" not in word
