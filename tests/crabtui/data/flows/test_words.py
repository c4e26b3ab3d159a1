"""Runs in words and signs: bars that add up, ends that are expected, nothing secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.flows.facts import lines_of_flow, lines_of_task, params
from crabtui.data.flows.words import counts, ended, eta, needs, progress_bar, result_text
from crabtui.data.wording import UTC_ZONE
from engine.control.views import EdgeView, FlowDetail, FlowView, TaskView
from engine.model.states import State

S = 1_000_000
NOW = 1_795_000_000 * S
STATES = [state.value for state in State]


def a_detail(state="running", **fields):
    flow = FlowView(id=1, name="f", run=2, state=state, root=1, created_at=NOW - 60 * S)
    return FlowDetail(flow=flow, tasks=(), **fields)


@given(
    tasks=st.dictionaries(st.sampled_from(STATES), st.integers(0, 10_000)),
    width=st.integers(4, 60),
)
def test_a_bar_is_as_wide_as_it_is_told_and_shows_each_part_that_there_is(tasks, width):
    cells = progress_bar(tasks, width)
    assert sum(len(text) for text, _ in cells) == width
    tokens = {token for _, token in cells}
    if tasks.get("failed") or tasks.get("timeout"):
        assert "bad" in tokens
    if tasks.get("running"):
        assert "run" in tokens
    waits = sum(tasks.get(state, 0) for state in ("pending", "queued", "retrying"))
    if any(tasks.values()):
        assert ("line" in tokens) == bool(waits), "only what waits leaves room"


def test_counts_tell_what_matters_even_where_it_is_none():
    told = "  ".join(text for text, _ in counts({"succeeded": 18, "pending": 2}))
    assert told == "✓ 18  ● 0  ◇ 2  ✗ 0"
    assert ended({"succeeded": 18, "failed": 1, "pending": 2}) == "19/21"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ""),
        ({"state": "failed", "predicted_end_at": NOW + S}, ""),
        ({"predicted_end_at": NOW + 90 * S}, "end ~11:08:10"),
        ({"predicted_end_at": NOW + 7_200 * S, "is_guess": True}, "end ~13:06 (a guess)"),
        ({"predicted_end_at": NOW + 200_000 * S}, "end ~18:40 in 2d"),
        ({"predicted_end_at": NOW - 30 * S}, "~30s over"),
    ],
)
def test_an_end_is_told_while_it_is_expected(fields, said):
    assert eta(a_detail(**fields), NOW, UTC_ZONE) == said


def test_needs_say_how():
    edges = (EdgeView(task="a"), EdgeView(task="b", after="failure"))
    assert needs(edges) == "a, b (if it fails)"


def a_task(**fields):
    return TaskView(**{"id": 3, "task": "t", "state": "succeeded", **fields})


def test_results_and_parameters_are_told_without_secrets():
    assert result_text(a_task(result='{"token": "s3cret", "n": 1}\n')) == (
        '{"token": "•••• (redacted)", "n": 1}'
    )
    assert "s3cret" not in params({"api_key": "s3cret", "lr": 0.1})
    assert "lr=0.1" in params({"api_key": "s3cret", "lr": 0.1})


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_a_task_is_told_in_a_few_lines():
    told = text_of(
        lines_of_task(
            a_task(
                state="queued",
                edges=(EdgeView(task="prep"),),
                critical=True,
                name="sh -c train",
                predicted_end_at=NOW + 60 * S,
            ),
            80,
            NOW,
            UTC_ZONE,
            "queue gpu runs 2 of 2",
        )
    )
    for words in ("QUEUED", "on the critical path", "needs    ", "prep", "queue gpu", "train"):
        assert words in told


def test_a_run_is_told_in_a_few_lines_and_no_escape_gets_out():
    flow = FlowView(
        id=1,
        name="f\x1b[2J",
        run=2,
        state="failed",
        root=1,
        failed=("a\x1b]0;x\x07",),
        error="\x1bc",
        params={"p": "\x1b[2J"},
    )
    told = text_of(lines_of_flow(FlowDetail(flow=flow, tasks=()), 80, NOW, UTC_ZONE))
    assert "\x1b" not in told
    assert "failed" in told
