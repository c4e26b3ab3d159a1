"""Jobs that are calls, as people write them, and changes of such jobs."""

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.calls import Call
from engine.model.intake import read_job
from engine.model.intake.changes import changed, differences
from engine.model.spec import JobSpec, Kind


def read(raw: dict[str, Any], defaults: dict[str, Any] | None = None) -> JobSpec:
    return read_job(raw, defaults, owner="ana")


def test_a_tool_and_its_arguments_are_a_call() -> None:
    spec = read({"tool": "add", "args": {"a": 1}, "priority": "high"})
    assert spec.call == Call(tool="add", args={"a": 1})
    assert (spec.kind, spec.resources.cpu_milli) == (Kind.TOOL_CALL, 0)
    assert spec.text == "add(a=1)"
    assert spec.call.work == "tool_call"


def test_defaults_for_commands_are_nothing_to_a_call() -> None:
    shared = {"cwd": "/r", "max_tokens": 9, "tmux": {"repo": "r"}, "tags": ["t"]}
    spec = read({"tool": "add"}, shared)
    assert (spec.command.cwd, spec.max_tokens, spec.tmux) == (None, None, None)
    assert spec.tags == ("t",)
    assert read({"command": "make"}, shared).command.cwd == "/r"


def test_a_stage_is_a_call_of_another_kind() -> None:
    spec = read(
        {
            "kind": "experiment_step",
            "payload": {
                "stage_module": "my.stages:One",
                "stage_opts": {"n": 1},
                "experiment_id": "e-1",
            },
            "stage_context": {"run_id": "r"},
            "stage_check": "warn",
        }
    )
    assert spec.call == Call(
        stage="my.stages:One", args={"n": 1}, context={"run_id": "r", "check_options": "warn"}
    )
    assert spec.call.work == "stage"
    assert (spec.kind, spec.metadata["experiment_id"]) == (Kind.EXPERIMENT_STEP, "e-1")


@pytest.mark.parametrize(
    ("raw", "field", "words"),
    [
        ({"tool": "add", "argv": ["x"]}, "job.argv", "something to run already"),
        ({"tool": "a", "stage_module": "b"}, "job.stage_module", "something to run already"),
        ({"args": {}}, "job", "nothing to call"),
        ({"argv": ["x"], "args": {"a": 1}}, "job.args", "`tool`"),
        ({"tool": "add", "kind": "stage"}, "job.kind", "tool_call"),
        ({"tool": "add", "kind": "composite"}, "job.kind", "engine alone"),
        ({"argv": ["x"], "kind": "tool_call"}, "job", "say which `tool`"),
        ({"tool": "add", "workspace": "/r"}, "job.workspace", "command only"),
        ({"tool": "add", "max_tokens": 5}, "job.max_tokens", "command only"),
        ({"tool": "add", "cwd": "/r"}, "job.cwd", "shares the folder and process"),
        ({"tool": "add", "args": [1]}, "job.args", "map"),
        ({"tool": " "}, "job.tool", "empty"),
        ({"stage_module": "no/module"}, "job.stage_module", "package.module:Name"),
        ({"stage_module": "m", "stage_check": "of"}, "job.stage_check", "'off'"),
    ],
)
def test_what_is_no_call_says_why(raw: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidSpec) as wrong:
        read(raw)
    assert wrong.value.field == field
    assert words in wrong.value.message


def test_a_job_says_something_else_than_the_defaults() -> None:
    defaults = {"tool": "add", "args": {"a": 1}}
    assert read({"args": {"b": 2}}, defaults).call == Call(tool="add", args={"a": 1, "b": 2})
    assert read({"tool": "sub"}, defaults).call == Call(tool="sub", args={"a": 1})
    assert read({"argv": ["true"]}, defaults).call is None
    assert read({"tool": "add"}, {"argv": ["true"]}).command.argv == ()


def test_a_call_can_be_changed() -> None:
    spec = read({"tool": "add", "args": {"a": 1}})
    other = changed(spec, {"memory": "1G", "name": "n"})
    assert (other.call, other.kind) == (spec.call, Kind.TOOL_CALL)
    assert set(differences(spec, other)) == {"name", "resources.memory_mb"}
    assert changed(spec, {"args": {"a": 2}}).call == Call(tool="add", args={"a": 2})
