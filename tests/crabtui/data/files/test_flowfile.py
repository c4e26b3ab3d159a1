"""Workflow files in three formats, read by the rules of job files."""

import io
from pathlib import Path
from typing import Any

import pytest

from crabtui.data.files.flowfile import load_flow, read_flow
from engine.errors import DuplicateTask, InvalidSpec
from engine.model.intake.workflow import read_workflow

YAML = """
name: 1.10
limit: 3
params: {seed: 7, on: true, text: "7", list: [1, {a: ~}], who: {required: true}}
defaults:
  retries: 2
  env: {A: 010}
tasks:
  no:
    command: [echo, yes, 1.10, 010, ~]
    cpus: 0.5
    hold: false
    depends_on: [12, {task: on, after: end}]
    fallback: {value: {n: 1, f: 1.5, t: true}}
    metadata: {a: 1, b: true}
  12: {command: x, for_each: [1, "2", {b: 3}], limit: 4}
  on: {command: x, array: {values: [1-3, 010], limit: 2}}
  deep:
    workflow:
      params: {k: 1.5}
      tasks: {i: {command: [a], retries: 1}}
    params: {k: 2}
"""


def test_yaml_is_typed_by_what_a_workflow_says() -> None:
    found = read_flow("w.yaml", YAML.encode())
    tasks: dict[str, Any] = found["tasks"]
    assert (found["name"], found["limit"]) == ("1.10", 3)
    assert found["params"] == {
        "seed": 7,
        "on": True,
        "text": "7",
        "list": [1, {"a": None}],
        "who": {"required": True},
    }
    assert found["defaults"] == {"retries": 2, "env": {"A": "010"}}
    assert tasks["no"]["command"] == ["echo", "yes", "1.10", "010", "~"]
    assert tasks["no"]["depends_on"] == ["12", {"task": "on", "after": "end"}]
    assert tasks["no"]["fallback"] == {"value": {"n": 1, "f": 1.5, "t": True}}
    assert (tasks["no"]["cpus"], tasks["no"]["hold"]) == ("0.5", False)
    assert tasks["12"]["for_each"] == [1, "2", {"b": 3}]
    assert tasks["12"]["limit"] == 4
    assert tasks["on"]["array"] == {"values": ["1-3", "010"], "limit": 2}
    assert tasks["deep"]["workflow"]["params"] == {"k": 1.5}
    assert tasks["deep"]["workflow"]["tasks"]["i"]["retries"] == 1
    assert tasks["deep"]["params"] == {"k": 2}
    read_workflow(found, {"who": "x"})


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = tmp_path / "w.toml"
    toml.write_text('name = "n"\n[tasks.a]\ncommand = ["x"]\n[tasks.b]\ndepends_on = ["a"]\n')
    text = b'{"name": "n", "tasks": {"a": {"command": ["x"]}, "b": {"depends_on": ["a"]}}}'
    assert load_flow(str(toml), io.BytesIO()) == read_flow("w.json", text)
    assert load_flow("-", io.BytesIO(text)) == read_flow("w.json", text)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("w.yaml", "tasks:\n  a: {command: x}\n  b: {command: x}\n  a: {command: y}\n", 4),
        ("w.json", '{"tasks": {"a": {},\n "b": {},\n "a": {}}}', 3),
    ],
)
def test_a_task_that_is_there_twice_is_told_as_such(name: str, text: str, line: int) -> None:
    with pytest.raises(DuplicateTask) as refused:
        read_flow(name, text.encode())
    assert refused.value.field == "tasks.a"
    assert refused.value.message == f"{name}:{line}: there is a task 'a' already"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tasks:\n  a: {command: x, command: y}", "given twice"),
        ("tasks: &t {a: {command: x}}", "anchors"),
        ("jobs: [{command: x}]", "submit --file"),
        ("[1, 2]", "is a map"),
        ("name: x", "no tasks"),
        ("", "nothing in it"),
    ],
)
def test_what_is_no_workflow_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidSpec, match=words) as refused:
        read_flow("w.yaml", text.encode())
    assert not isinstance(refused.value, DuplicateTask)
