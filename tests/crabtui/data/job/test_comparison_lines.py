"""Two jobs side by side, and JSON, as lines."""

import json

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data import json_lines
from crabtui.data.fitting import cells
from crabtui.data.job import comparison_lines
from crabtui.data.job.comparison import Difference


def drawn(found, width=60):
    lines = comparison_lines.lines(("#1 train", "#2 train"), found, width)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_names_and_both_values_in_columns():
    lines = drawn([Difference("env SEED", "13", "14"), Difference("exit", "-", "exit 137")])
    starts = lines[0].index("#1"), lines[0].index("#2")
    assert [line[starts[0] :].split()[0] for line in lines[2:]] == ["13", "-"]
    assert [line[starts[1] :] for line in lines[2:]] == ["14", "exit 137"]


def test_no_difference_is_said():
    assert "alike" in drawn([])[-1]


@given(st.integers(30, 200), st.text(max_size=200), st.text(max_size=200))
def test_no_line_is_wider_than_there_is_room(width, left, right):
    for line in drawn([Difference("command 1", left, right)], width):
        assert cells(line) <= width


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_json_stays_json_where_it_is_harmless(value):
    text = "\n".join("".join(part for part, _ in line) for line in json_lines.lines(value))
    plain = json.dumps(value, indent=2, ensure_ascii=False)
    if plain.isascii() and "\x7f" not in plain:
        assert json.loads(text) == value
    assert "\x1b" not in text
