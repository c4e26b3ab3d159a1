"""Workflows as people write them: what they come to, and what is said of wrong ones."""

import copy
from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.intake.workflow import read_growth, read_workflow
from engine.model.workflow import After, Fallback, OnFailure

A: dict[str, Any] = {"command": ["true"]}


def read(given: Any = None, /, **raw: Any) -> Any:
    return read_workflow({"tasks": {"a": A}, **raw}, given or {})


def task(params: Any = None, /, **keys: Any) -> Any:
    raw = {"tasks": {"a": A, "b": A, "t": {**A, **keys}}}
    if params:
        raw["params"] = params
    return read_workflow(raw).tasks[2]


def test_what_a_workflow_says_is_kept_as_written() -> None:
    found = read(name="n", description="d", on_failure="stop", limit=3, defaults={"queue": "q"})
    assert (found.name, found.description, found.limit) == ("n", "d", 3)
    assert found.on_failure is OnFailure.STOP
    assert found.defaults == {"queue": "q"}
    assert read().name == "workflow"
    assert [one.name for one in read(tasks={"z": A, "a": A}).tasks] == ["z", "a"]


def test_edges_have_several_forms() -> None:
    found = task(depends_on=["a", {"task": "b", "after": "end"}])
    assert found.after == (("a", After.SUCCESS), ("b", After.END))
    assert task(depends_on="a").after == (("a", After.SUCCESS),)
    assert task(after=["b"]).after == (("b", After.SUCCESS),)
    assert task(depends_on={"task": "a", "after": "failure"}).after == (("a", After.FAILURE),)


def test_jobs_outside_are_left_to_the_job() -> None:
    found = task(depends_on=["#12", "a", {"job": 13}, {"job": 14, "after": "end"}])
    assert found.job["depends_on"] == ["#12", 13, {"job": 14, "after": "end"}]
    assert found.after == (("a", After.SUCCESS),)


def test_a_fan_out_waits_for_its_list() -> None:
    found = task(for_each="a", limit=2, command=["x", "${{ item.n }}", "${{ index }}"])
    assert (found.for_each, found.limit) == ("a", 2)
    assert found.after == (("a", After.SUCCESS),)
    assert task(for_each="a", depends_on=[{"task": "a", "after": "end"}]).after == (
        ("a", After.END),
    )
    assert task(for_each=[1, {"x": 2}], command=["${{ item }}"]).for_each == (1, {"x": 2})


def test_arrays_and_fallbacks() -> None:
    array = task(array={"grid": {"x": [1, 2.5], "y": "1-3,7"}, "limit": 2}).array
    assert array.grid == {"x": ("1", "2.5"), "y": ("1-3", "7")}
    assert array.limit == 2
    assert task(fallback={"value": None}).fallback == Fallback(None)
    assert task(fallback={"task": "b"}).spare == "b"


def test_params_are_filled_in_with_their_types() -> None:
    params = {"n": 3, "who": "it's", "list": [1, 2], "deep": {"x": [7]}}
    found = task(
        params,
        command="run ${{ params.who }} ${{params.n}}",
        retries="${{ params.n }}",
        env={"N": "${{ params.n }}"},
        tags=["n-${{ params.n }}"],
        for_each="${{ params.list }}",
        metadata={"x": "${{ params.deep.x.0 }}", "all": "${{ params.deep }}"},
    )
    assert found.job["command"] == "run 'it'\"'\"'s' 3"
    assert found.job["retries"] == 3
    assert found.job["env"] == {"N": "3"}
    assert found.job["tags"] == ["n-3"]
    assert found.job["metadata"] == {"x": 7, "all": {"x": [7]}}
    assert found.for_each == (1, 2)


def test_in_every_shell_line_a_value_is_one_word() -> None:
    params = {"x": "a; rm -rf $HOME"}
    quoted = "t 'a; rm -rf $HOME'"
    text = "t ${{ params.x }}"
    found = task(params, command=text, gate=text, hooks=[{"on": "end", "command": text}]).job
    assert found["command"] == found["gate"] == found["hooks"][0]["command"] == quoted
    assert task(params, command=None, payload={"shell": text}).job["payload"]["shell"] == quoted
    words = task(params, command=["t", "${{ params.x }}"], gate=["g", "${{ params.x }}"]).job
    assert words["command"] == ["t", params["x"]]
    assert words["gate"] == ["g", params["x"]]


def test_calls_of_hooks_keep_places_of_the_report() -> None:
    call = {"on": "end", "http": {"url": "http://${{ params.h }}", "body": "${{ report.id }}"}}
    filled = {"on": "end", "http": {"url": "http://a", "body": "${{ report.id }}"}}
    assert list(task({"h": "a"}, hooks=[call]).job["hooks"]) == [filled]
    assert read(params={"h": "a"}, hooks=[call]).hooks == (filled,)


def test_text_becomes_what_the_default_is() -> None:
    asked = {"n": 1, "x": 0.5, "on": False, "list": [], "text": "", "any": None}
    given = {"n": "7", "x": "2", "on": "true", "list": "[1]", "text": "7", "any": "7"}
    assert read(given, params=asked).params == {
        "n": 7,
        "x": 2,
        "on": True,
        "list": [1],
        "text": "7",
        "any": "7",
    }


def test_params_may_be_required() -> None:
    asked = {"who": {"required": True, "description": "whom"}, "n": {"default": 3}, "map": {}}
    assert read({"who": "x"}, params=asked).params == {"who": "x", "n": 3, "map": {}}
    with pytest.raises(InvalidSpec, match="-p who=") as refused:
        read(params=asked)
    assert refused.value.field == "params.who"


def test_results_stay_for_the_start() -> None:
    text = "echo ${{ results.a.x }} ${{ params.n }}"
    assert task({"n": 1}, depends_on=["a"], shell=text, command=None).job["shell"] == (
        "echo ${{ results.a.x }} 1"
    )


def test_workflows_within_workflows_have_params_of_their_own() -> None:
    inner = {"params": {"k": 0}, "defaults": {"env": {"B": "2"}}, "tasks": {"i": A}}
    found = read(
        params={"seed": 7},
        defaults={"env": {"A": "${{ params.seed }}"}, "queue": "q"},
        tasks={"t": {"workflow": inner, "params": {"k": "${{ params.seed }}"}}},
    )
    within = found.tasks[0].workflow
    assert (within.name, within.params) == ("t", {"k": 7})
    assert within.defaults == {"env": {"A": "7", "B": "2"}, "queue": "q"}


WRONG: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("taks", {"taks": {}}, "unknown key of a workflow", "tasks"),
    ("on_failure", {"on_failure": "stp"}, "unknown answer", "stop"),
    ("name", {"name": "a b"}, "cannot name a workflow", None),
    ("limit", {"limit": 0}, "out of range", None),
    ("tasks", {"tasks": {}}, "at least one task", None),
    ("tasks", {"tasks": [A]}, "must be a map", None),
    ("tasks.a/b", {"tasks": {"a/b": A}}, "cannot name a task", None),
    ("tasks.t", {"tasks": {"t": 3}}, "must be a map", None),
    ("params.x.required", {"params": {"x": {"required": 1}}}, "true or false", None),
]


@pytest.mark.parametrize(("field", "raw", "words", "near"), WRONG)
def test_a_wrong_workflow_is_refused_in_its_place(
    field: str, raw: dict[str, Any], words: str, near: str | None
) -> None:
    with pytest.raises(InvalidSpec, match=words) as refused:
        read(**raw)
    assert (refused.value.field, refused.value.nearest) == (field, near)


WRONG_TASKS: list[tuple[str, dict[str, Any], str, str | None]] = [
    (".for_eech", {"for_eech": 1}, "unknown key of a task", "for_each"),
    (".depends_on[0]", {"depends_on": [12]}, "'#1423'", None),
    (".depends_on[1]", {"depends_on": ["a", "a"]}, "twice", None),
    (
        ".depends_on[0].after",
        {"depends_on": [{"task": "a", "after": "sucess"}]},
        "kind of edge",
        "success",
    ),
    (".depends_on[0]", {"depends_on": [{"after": "end"}]}, "one of `task` and `job`", None),
    (".after", {"depends_on": ["a"], "after": ["b"]}, "same", None),
    ("", {"array": {"values": "1"}, "for_each": "a"}, "at most one", None),
    (".array", {"array": {"limit": 2}}, "one of values", None),
    (".array.vlues", {"array": {"vlues": 2}}, "key of an array", "values"),
    (".limit", {"limit": 2}, "for_each", None),
    (".params", {"params": {"x": 1}}, "`workflow`", None),
    (".fallback", {"fallback": {"value": 1, "task": "b"}}, "one of", None),
    (
        ".retries",
        {"workflow": {"tasks": {"x": A}}, "retries": 2, "command": None},
        "defaults",
        None,
    ),
    (".command[0]", {"command": ["${{ param.x }}"]}, "unknown placeholder", "params"),
    (".command[0]", {"command": ["${{ params.n }}"]}, "unknown param", None),
    (".command[0]", {"command": ["${{ params.n"]}, "without its", None),
    (".tags", {"tags": ["${{ results.a }}"], "depends_on": ["a"]}, "starts", None),
    (".command", {"command": ["${{ results.a }}"]}, "does not wait", None),
    (".command", {"command": ["${{ item }}"]}, "for_each", None),
    (".command", {"command": ["${{ report.id }}"]}, "hooks alone", None),
    (".hooks", {"hooks": [{"on": "end", "command": "${{ results.a }}"}]}, "starts", None),
    (".shell", {"shell": "echo '${{ results.a }}'", "depends_on": ["a"]}, "quotes", None),
]


@pytest.mark.parametrize(("field", "keys", "words", "near"), WRONG_TASKS)
def test_a_wrong_task_is_refused_in_its_place(
    field: str, keys: dict[str, Any], words: str, near: str | None
) -> None:
    own = {"command": None} if "shell" in keys else {}
    with pytest.raises(InvalidSpec, match=words) as refused:
        task(**own, **keys)
    found = refused.value.field or ""
    assert found.removesuffix("[0]") == f"tasks.t{field}".removesuffix("[0]")
    assert refused.value.nearest == near


def test_a_value_cannot_bring_a_place_along() -> None:
    with pytest.raises(InvalidSpec, match="filled in again"):
        read({"x": ["${{ results.a }}"]}, params={"x": []})


def test_a_place_in_quotes_is_refused_before_it_is_filled() -> None:
    with pytest.raises(InvalidSpec, match="within quotes"):
        task({"x": "1"}, shell="echo '${{ params.x }}'", command=None)


def test_workflows_are_not_nested_without_end() -> None:
    raw: dict[str, Any] = {"tasks": {"x": A}}
    for _ in range(7):
        raw = {"tasks": {"x": {"workflow": raw}}}
    read_workflow(copy.deepcopy(raw))
    with pytest.raises(InvalidSpec, match="at most 8 deep"):
        read_workflow({"tasks": {"x": {"workflow": raw}}})


def test_a_run_grows_by_tasks_and_edges() -> None:
    found = read_growth(
        {"n": {"command": ["${{ params.x }}"], "depends_on": ["old"]}},
        {"old": ["n", {"task": "m", "after": "end"}]},
        params={"x": 3},
        defaults={},
    )
    assert found.tasks[0].job["command"] == ["3"]
    assert found.edges == {"old": (("n", After.SUCCESS), ("m", After.END))}
    with pytest.raises(InvalidSpec, match="empty"):
        read_growth({}, {}, params={}, defaults={})
    with pytest.raises(InvalidSpec, match="same run"):
        read_growth({}, {"old": ["#12"]}, params={}, defaults={})
