"""A workflow as people write it, to its definition."""

from collections.abc import Mapping
from typing import Any, Final

from engine.model.definition import Definition, Growth, TaskDefinition
from engine.model.ids import NAME
from engine.model.intake.labels import one_of
from engine.model.intake.scalars import items, text
from engine.model.intake.workflow.edges import read_edge_map
from engine.model.intake.workflow.late import Late
from engine.model.intake.workflow.params import Params, take_params
from engine.model.intake.workflow.shapes import read_limit
from engine.model.intake.workflow.table import FLOW_KEYS
from engine.model.intake.workflow.tasks import Scope, read_task
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.workflow import OnFailure

MOST_TASKS: Final = 1_000_000
MAX_DEPTH: Final = 8
_on_failure: Final = one_of("answer to a failure", {one.value: one for one in OnFailure})


def read_workflow(
    raw: Any, params: Mapping[str, Any] | None = None, *, name: str = ""
) -> Definition:
    """The workflow in `raw`, with its params filled in. Its jobs are not read yet.

    Args:
        raw: As decoded from a file: name, description, params, defaults, on_failure, limit
            and tasks.
        params: Values over the defaults that it has.
        name: Instead of its own.

    Raises:
        InvalidSpec: the first thing wrong with it; `field` is like `tasks.train.array`.
    """
    try:
        return _workflow(raw, dict(params or {}), {}, name, 1)
    except Wrong as wrong:
        raise wrong.error("") from None


def read_growth(
    tasks: Any, edges: Any, *, params: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Growth:
    """What a run grows by.

    Args:
        tasks: New tasks by name, as in a definition.
        edges: By task, old or new, what it is to wait for besides, as in `depends_on`.
        params: Of the run.
        defaults: Of the run.

    Raises:
        InvalidSpec: as `read_workflow`; or there is nothing in it.
    """
    scope = Scope(Params(params), defaults, _nested(defaults, 1))
    try:
        if not tasks and not edges:
            raise Wrong("is empty: give tasks, edges or both").under("tasks")
        new = _at("tasks", lambda: _tasks(tasks, scope) if tasks else ())
        return Growth(tasks=new, edges=_at("edges", lambda: read_edge_map(edges)))
    except Wrong as wrong:
        raise wrong.error("") from None


def _tasks(raw: Any, scope: Scope) -> tuple[TaskDefinition, ...]:
    return tuple(read_task(name, raw[name], scope) for name in _names(raw))


def _workflow(
    raw: Any, given: Mapping[str, Any], outer: Mapping[str, Any], name: str, depth: int
) -> Definition:
    if not isinstance(raw, Mapping):
        raise wrong_type(raw, "a map")
    for key in raw:
        if key not in FLOW_KEYS:
            raise wrong_word("key of a workflow", str(key), FLOW_KEYS).under(str(key)[:100])
    values = _at("params", lambda: take_params(raw.get("params"), given))
    filled = Params(values)
    defaults = _at("defaults", lambda: _defaults(raw.get("defaults"), filled, outer))
    scope = Scope(filled, defaults, _nested(defaults, depth))
    return Definition(
        name=_at("name", lambda: _name(name or raw.get("name"), filled)),
        description=_at("description", lambda: text(filled.within(raw.get("description", "")))),
        params=values,
        defaults=defaults,
        on_failure=_at("on_failure", lambda: _on_failure(raw.get("on_failure") or "continue")),
        limit=_at("limit", lambda: _limit(filled.within(raw.get("limit")))),
        hooks=_at(
            "hooks", lambda: tuple(items(filled.within(raw.get("hooks") or []), "hooks"))
        ),
        tasks=_at("tasks", lambda: _tasks(raw.get("tasks"), scope)),
    )


def _nested(defaults: Mapping[str, Any], depth: int) -> Any:
    def read(raw: Any, given: Mapping[str, Any], name: str) -> Definition:
        if depth >= MAX_DEPTH:
            raise Wrong(f"workflows within workflows: at most {MAX_DEPTH} deep")
        own = raw.get("name") if isinstance(raw, Mapping) else None
        return _workflow(raw, given, defaults, own or name, depth + 1)

    return read


def _at(key: str, read: Any) -> Any:
    try:
        return read()
    except Wrong as wrong:
        raise wrong.under(key) from None


def _name(value: Any, params: Params) -> str:
    found = params.within(value)
    if found is None:
        return "workflow"
    if type(found) is not str:
        raise wrong_type(found, "text")
    if NAME.fullmatch(found) is None:
        raise Wrong(
            f"{shown(found)} cannot name a workflow: use 1 to 100 of a-z, A-Z, 0-9, '_', '-' "
            "and '.', the first a letter, digit or '_'"
        )
    return found


def _limit(value: Any) -> int | None:
    return None if value is None else read_limit(value)


_ADDED: Final = (
    "env",
    "metadata",
    "resources",
    "constraints",
    "retry",
    "retry_policy",
    "payload",
)


def _defaults(raw: Any, params: Params, outer: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of a workflow over those of the one that it is in."""
    own = {} if raw is None else raw
    if not isinstance(own, Mapping):
        raise wrong_type(own, "a map")
    found = {**outer, **params.within(own)}
    Late((), has_item=False).check(found)
    for key in _ADDED:
        if isinstance(outer.get(key), Mapping) and isinstance(own.get(key), Mapping):
            found[key] = {**outer[key], **found[key]}
    return found


def _names(tasks: Any) -> list[str]:
    if not isinstance(tasks, Mapping):
        raise wrong_type(tasks, "a map of names to tasks")
    if not tasks:
        raise Wrong("is empty: a workflow has at least one task")
    if len(tasks) > MOST_TASKS:
        raise Wrong(f"has {len(tasks)} tasks; at most {MOST_TASKS} are allowed")
    return list(tasks)
