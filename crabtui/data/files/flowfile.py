"""Workflow files: YAML, TOML and JSON to the raw definition that the daemon validates."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from crabtui.data.files.jobfile import read_tree
from crabtui.data.files.yaml_roles import FLOW
from engine.errors import DuplicateTask, InvalidSpec


def load_flow(path: str, stdin: BinaryIO) -> dict[str, Any]:
    """The definition in the file `path`; `-` is standard input.

    Raises:
        InvalidSpec: it is no workflow file; the message has file, line and key.
        DuplicateTask: two tasks have the same name.
        OSError: it cannot be read.
    """
    if path == "-":
        return read_flow("stdin", stdin.read())
    with open(path, "rb") as file:  # noqa: PTH123 - one way to open, and no path algebra
        return read_flow(path, file.read())


def read_flow(name: str, data: bytes) -> dict[str, Any]:
    """The definition in `data`. Raises: as `load_flow`."""
    found = read_map(name, data)
    if "tasks" not in found:
        what = "jobs: `crabtui submit --file`" if "jobs" in found else "no tasks in it"
        raise InvalidSpec(f"{name}: a workflow has `tasks`; this has {what}", field="tasks")
    return found


def read_map(name: str, data: bytes) -> dict[str, Any]:
    """A map that is written like a workflow, or a part of one. Raises: as `load_flow`."""
    try:
        found = read_tree(name, data, FLOW)
    except DuplicateTask:
        raise
    except InvalidSpec as wrong:
        raise _as_duplicate(name, data, wrong) from None
    if not isinstance(found, Mapping):
        raise InvalidSpec(f"{name}: a workflow is a map of name, params, defaults and tasks")
    return dict(found)


def _as_duplicate(name: str, data: bytes, wrong: InvalidSpec) -> InvalidSpec:
    """The same trouble, told as that of a task if its name is what is given twice."""
    if wrong.field is None or "is given twice" not in wrong.message:
        return wrong
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return wrong
    tasks = found.get("tasks") if isinstance(found, dict) else None
    if not isinstance(tasks, dict) or wrong.field not in tasks:
        return wrong
    line = wrong.details.get("line")
    place = name if line is None else f"{name}:{line}"
    return DuplicateTask(
        f"{place}: there is a task {wrong.field!r} already",
        field=f"tasks.{wrong.field}",
        details=wrong.details,
    )
