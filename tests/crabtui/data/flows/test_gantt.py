"""Bars of tasks over time: exactly as wide as their axis, each part where it belongs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.fitting import cells
from crabtui.data.flows.gantt import NOW, axis, bar_of_flow, bar_of_task, extent
from crabtui.data.glyphs import to_ascii
from crabtui.data.past.time_axis import Scale
from engine.control.views import FlowDetail, FlowView, TaskView
from engine.model.states import State

S = 1_000_000
START = 1_795_000_000 * S
SCALE = Scale(START, START + 100 * S, 50)
HALF = START + 50 * S


def at(seconds):
    return None if seconds is None else START + int(seconds * S)


def a_task(state, **fields):
    times = {name: at(value) for name, value in fields.items() if name.endswith("_at")}
    return TaskView(id=1, task="t", state=state, **{**fields, **times})


def drawn(task, now_at=HALF, scale=SCALE):
    return "".join(text for text, _ in bar_of_task(task, scale, now_at))


def test_what_ran_waited_before():
    bar = drawn(a_task("succeeded", queued_at=0, started_at=20, completed_at=40))
    assert bar == "░" * 10 + "▇" * 10 + " " * 5 + "│" + " " * 24


def test_what_runs_goes_up_to_now_and_on_to_its_expected_end():
    bar = drawn(a_task("running", started_at=10, predicted_end_at=70))
    assert bar == " " * 5 + "▇" * 19 + "►" + "·" * 10 + " " * 15


def test_what_is_to_come_never_begins_before_now():
    bar = drawn(a_task("pending", predicted_start_at=30, predicted_end_at=60))
    assert bar == " " * 25 + "▒" * 5 + " " * 20


@pytest.mark.parametrize(
    ("state", "sign"), [("failed", "✗"), ("timeout", "◷"), ("canceled", "‒")]
)
def test_how_it_ended_stands_at_its_end(state, sign):
    bar = drawn(a_task(state, started_at=10, completed_at=30))
    assert bar.index(sign) == 14
    short = drawn(a_task(state, started_at=10, completed_at=10))
    assert short.strip()[0] == sign, "even of one that took no time"


def test_what_has_tasks_of_its_own_is_a_bracket():
    over = a_task("succeeded", kind="map", started_at=10, completed_at=30)
    assert drawn(over).strip().startswith("├────────┤")
    goes_on = a_task("running", kind="workflow", started_at=10)
    assert drawn(goes_on).strip().startswith("├")
    assert drawn(goes_on)[24] == "►"


def test_the_whole_run_ends_where_that_is_expected():
    flow = FlowView(id=1, name="f", run=1, state="running", root=1, created_at=START)
    detail = FlowDetail(flow=flow, tasks=(), predicted_end_at=START + 200 * S)
    whole = extent(detail, HALF)
    assert (whole.start_at, whole.end_at) == (START, START + 200 * S)
    line = "".join(text for text, _ in bar_of_flow(flow, whole.scale(40), HALF, whole.end_at))
    assert line == "├" + "─" * 8 + "►" + "·" * 30


def test_a_run_that_is_over_is_drawn_in_its_own_time():
    flow = FlowView(
        id=1, name="f", run=1, state="failed", root=1, created_at=START, completed_at=HALF
    )
    found = extent(FlowDetail(flow=flow, tasks=(), predicted_end_at=START + 999 * S), at(500))
    assert found.end_at == HALF


def test_the_axis_marks_now():
    times, ticks = ("".join(text for text, _ in line) for line in axis(SCALE, now_at=HALF))
    assert ticks.index("┤now") == 25
    assert len(ticks) <= 50 + NOW
    assert len(times) <= 50 + NOW
    assert "now" not in "".join(text for text, _ in axis(SCALE)[1])


instants = st.none() | st.integers(-200, 400)


@given(
    state=st.sampled_from([state.value for state in State]),
    kind=st.sampled_from(["command", "map"]),
    queued_at=instants,
    started_at=instants,
    completed_at=instants,
    predicted_start_at=instants,
    predicted_end_at=instants,
    critical=st.booleans(),
    width=st.integers(8, 80),
    now=st.integers(-100, 300),
    is_live=st.booleans(),
)
def test_whatever_is_told_of_it_the_bar_is_as_wide_as_the_axis(width, now, is_live, **told):
    scale = Scale(START, START + 100 * S, width)
    line = bar_of_task(a_task(**told), scale, at(now), is_live=is_live)
    text = "".join(part for part, _ in line)
    assert cells(text) == width
    assert "?" not in to_ascii(text)
