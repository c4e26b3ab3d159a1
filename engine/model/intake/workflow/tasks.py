"""One task of a workflow, as people write it, to its definition."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engine.model.definition import Definition, TaskDefinition
from engine.model.intake.placeholders import OPENS
from engine.model.intake.workflow.edges import Edges, read_edges, task_name
from engine.model.intake.workflow.late import Late
from engine.model.intake.workflow.params import Params
from engine.model.intake.workflow.shapes import (
    read_array,
    read_fallback,
    read_for_each,
    read_limit,
)
from engine.model.intake.workflow.table import COMPOSITE_KEYS, KNOWN, TASK_KEYS
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.workflow import After

_SHAPES: Final = ("for_each", "array", "workflow")
_OWN: Final = frozenset(TASK_KEYS)
_SPECIAL: Final = _OWN - {"depends_on", "after"}
_MARK: Final = OPENS.encode()
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Scope:
    """What a task's words mean: the workflow that it is in."""

    params: Params
    defaults: Mapping[str, Any]
    nested: Callable[[Any, Mapping[str, Any], str], Definition]
    """Reads a workflow within it, from its raw form, params and name."""


def read_task(name: Any, raw: Any, scope: Scope) -> TaskDefinition:
    """The task `name`. Raises: Wrong, under the task's name."""
    try:
        return _task(task_name(name), raw, scope)
    except Wrong as wrong:
        raise wrong.under(str(name)[:100]) from None


def _task(name: str, raw: Any, scope: Scope) -> TaskDefinition:
    if type(raw) is not dict and not isinstance(raw, Mapping):
        raise wrong_type(raw, "a map")
    for key in raw:
        if key not in KNOWN:
            raise wrong_word("key of a task", str(key), (*TASK_KEYS, *KNOWN)).under(str(key))
    said = {key: one for key, one in raw.items() if one is not None}
    _check_shape(said)
    has_places = _MARK in _encode(said)
    filled = _filled(said, scope.params) if has_places else said
    edges = _edges(filled)
    each = _at("for_each", filled, read_for_each)
    if type(each) is str:
        edges.tasks.setdefault(each, After.SUCCESS)
    job = {key: one for key, one in filled.items() if key not in _OWN}
    if edges.jobs:
        job["depends_on"] = edges.jobs
    if has_places:
        Late(edges.tasks, has_item=each is not None).check(job)
    return _defined(name, job, edges, each, filled, scope)


def _defined(
    name: str,
    job: Mapping[str, Any],
    edges: Edges,
    each: Any,
    said: Mapping[str, Any],
    scope: Scope,
) -> TaskDefinition:
    after = tuple(edges.tasks.items())
    if _SPECIAL.isdisjoint(said):
        return TaskDefinition(name=name, job=job, after=after)
    fallback, spare = _at("fallback", said, read_fallback) or (None, None)
    return TaskDefinition(
        name=name,
        job=job,
        after=after,
        fallback=fallback,
        spare=spare,
        for_each=each,
        array=_at("array", said, read_array),
        workflow=_nested(name, said, scope) if "workflow" in said else None,
        limit=_at("limit", said, read_limit),
    )


def _filled(said: Mapping[str, Any], params: Params) -> dict[str, Any]:
    """All but a nested workflow, which has params of its own."""
    rest = {key: one for key, one in said.items() if key != "workflow"}
    filled: dict[str, Any] = params.within(rest)
    return filled | ({"workflow": said["workflow"]} if "workflow" in said else {})


def _check_shape(said: Mapping[str, Any]) -> None:
    if _SPECIAL.isdisjoint(said):
        return
    shapes = [key for key in _SHAPES if key in said]
    if len(shapes) > 1:
        raise Wrong(f"has {' and '.join(shapes)}; a task has at most one of them")
    if "limit" in said and "for_each" not in said:
        raise Wrong("is for tasks with `for_each`").under("limit")
    if "workflow" not in said:
        if "params" in said:
            raise Wrong("are for tasks with `workflow`").under("params")
        return
    for key in said:
        if key not in TASK_KEYS and key not in COMPOSITE_KEYS:
            raise Wrong(
                "is nothing for a task with a workflow: put it into its `defaults`"
            ).under(key)


def _edges(said: Mapping[str, Any]) -> Edges:
    if "depends_on" in said and "after" in said:
        raise Wrong("says the same as 'depends_on'; give one of them").under("after")
    key = "after" if "after" in said else "depends_on"
    return _at(key, said, read_edges) or Edges()


def _at(key: str, said: Mapping[str, Any], read: Callable[[Any], Any]) -> Any:
    if key not in said:
        return None
    try:
        return read(said[key])
    except Wrong as wrong:
        raise wrong.under(key) from None


def _nested(name: str, said: Mapping[str, Any], scope: Scope) -> Definition:
    given = said.get("params", {})
    if not isinstance(given, Mapping):
        raise wrong_type(given, "a map").under("params")
    try:
        return scope.nested(said["workflow"], given, name)
    except Wrong as wrong:
        raise wrong.under("workflow") from None
