"""What a task waits for: names of tasks, or maps that say how they must have ended."""

from collections.abc import Mapping
from typing import Any, Final

from engine.model.ids import NAME
from engine.model.intake.labels import one_of
from engine.model.intake.scalars import items
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.workflow import After

MOST_EDGES: Final = 100_000
_SAID: Final = {after.value: after for after in (After.SUCCESS, After.FAILURE, After.END)}
_after: Final = one_of("kind of edge", _SAID)


class Edges:
    """What one task waits for, as far as it was read."""

    def __init__(self) -> None:
        self.tasks: dict[str, After] = {}
        """Tasks of the same workflow, and how they must end."""
        self.jobs: list[Any] = []
        """Jobs outside of it, as `depends_on` of a job has them."""

    def add(self, name: str, after: After) -> None:
        """Wait for a task. Raises: Wrong, if it is waited for already."""
        if name in self.tasks:
            raise Wrong(f"{name!r} is named twice")
        self.tasks[name] = after


def read_edges(value: Any) -> Edges:
    """The edges in `depends_on`: one name, or a list of names and maps.

    Raises:
        Wrong: something in it is none; whether the tasks exist is not looked at.
    """
    found = Edges()
    tasks, is_name = found.tasks, NAME.fullmatch
    for place, one in enumerate(_listed(value)):
        if type(one) is str and one not in tasks and is_name(one):
            tasks[one] = After.SUCCESS  # as most are
            continue
        try:
            _read(found, one)
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    return found


def read_edge_map(value: Any) -> dict[str, tuple[tuple[str, After], ...]]:
    """Edges by the task that waits. Raises: Wrong."""
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of tasks to what they wait for")
    found = {}
    for name, one in value.items():
        try:
            edges = read_edges(one)
            if edges.jobs:
                raise Wrong("only tasks of the same run can be waited for")
        except Wrong as wrong:
            raise wrong.under(str(name)[:100]) from None
        found[task_name(name)] = tuple(edges.tasks.items())
    return found


def _listed(value: Any) -> list[Any]:
    if type(value) is list and len(value) <= MOST_EDGES:
        return value
    if isinstance(value, str | Mapping):
        return [value]
    return items(value, "tasks", MOST_EDGES)


def _read(found: Edges, one: Any) -> None:
    if type(one) is str:
        if one[:1] == "#":
            found.jobs.append(one)
        else:
            found.add(task_name(one), After.SUCCESS)
    elif isinstance(one, Mapping):
        _read_map(found, one)
    else:
        raise Wrong(
            f"must be the name of a task, or a map of task and after, not {shown(one)}; "
            "a job outside of the workflow is '#1423'"
        )


def _read_map(found: Edges, one: Mapping[str, Any]) -> None:
    for key in one:
        if key not in ("task", "job", "after"):
            raise wrong_word("key of an edge", str(key), ("task", "job", "after"))
    if ("task" in one) == ("job" in one):
        raise Wrong("needs one of `task` and `job`: what is waited for")
    after = _how(one.get("after", "success"))
    if "job" in one:
        found.jobs.append(one["job"] if after is After.SUCCESS else dict(one))
    else:
        found.add(task_name(one["task"]), after)


def _how(value: Any) -> After:
    try:
        how: After = _after(value)
    except Wrong as wrong:
        raise wrong.under("after") from None
    return how


def task_name(value: Any) -> str:
    """What a task may be called. Raises: Wrong, if this cannot be one."""
    if type(value) is not str:
        raise wrong_type(value, "the name of a task")
    if NAME.fullmatch(value) is None:
        raise Wrong(
            f"{shown(value)} cannot name a task: use 1 to 100 of a-z, A-Z, 0-9, '_', '-' and "
            "'.', the first a letter, digit or '_'"
        )
    return value
