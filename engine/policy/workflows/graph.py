"""The graph of a workflow: compiled edges, an order, and what is wrong with one that is none.

Submission stores these edges and a plan is drawn from them, so that what is planned is what
runs. All of it is iterative: a graph may have as many tasks in a row as it likes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import islice
from types import MappingProxyType
from typing import Final, TypeAlias

from engine.errors import DependencyCycle, DuplicateTask, InvalidSpec, UnknownDependency
from engine.model.definition import Growth, TaskDefinition
from engine.model.words import nearest
from engine.model.workflow import After

Own: TypeAlias = tuple[tuple[str, After], ...]
"""What one task waits for, and how it must have ended."""

Edges: TypeAlias = Mapping[str, Own]
"""By task, what it waits for, as written."""

MOST_SHOWN: Final = 20
MOST_COMPARED: Final = 2_000
"""Names among which the nearest is looked for."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Tasks that can all be run, one after the other, in `order`."""

    edges: Edges
    """Of every task, in the order in which they were written; fallbacks are edges too."""
    order: tuple[str, ...]
    """Each behind all that it waits for; as written wherever that is free."""


def graph_of(tasks: Iterable[TaskDefinition], where: str = "") -> Graph:
    """The graph of these tasks, with their fallbacks made into edges.

    Args:
        tasks: As written.
        where: Their workflow's place in another one, such as `tasks.train.workflow.`.

    Raises:
        DuplicateTask: two have the same name.
        UnknownDependency: one waits for a task that there is not; has the nearest.
        DependencyCycle: tasks wait for each other; `details` has the path as `cycle`.
        InvalidSpec: a fallback task cannot be one.
    """
    try:
        named = _named(tasks)
        edges = {name: task.after for name, task in named.items()}
        _check_lists(named)
        _check_known(edges, edges)
        _check_spares(named, ())
        _check_spares_run(_fallbacks(named), edges)
        found = _with_fallbacks(edges, _fallbacks(named))
        return Graph(found, ordered(found))
    except InvalidSpec as wrong:
        raise _within(wrong, where) from None


def _within(wrong: InvalidSpec, where: str) -> InvalidSpec:
    """The same refusal, seen from the workflow that holds this one."""
    return type(wrong)(
        f"{where}{wrong.message}",
        field=f"{where}{wrong.field}",
        nearest=wrong.nearest,
        details=wrong.details,
    )


def grown(
    known: Edges, growth: Growth, settled: Mapping[str, str | None] = MappingProxyType({})
) -> Graph:
    """The graph of a workflow that runs, with tasks and edges added to it.

    Args:
        known: The edges that there are.
        growth: What is added.
        settled: Tasks that are there and have a fallback, with the task that stands in for
            each; None: a value does.

    Raises:
        DuplicateTask: a new task has the name of one that is there.
        UnknownDependency, DependencyCycle, InvalidSpec: as `graph_of`.
    """
    named = _named(growth.tasks)
    for name in named:
        if name in known:
            raise _duplicate(name)
    _check_spares(named, known)
    edges = {**known, **{name: task.after for name, task in named.items()}}
    for name, new in growth.edges.items():
        if name not in edges:
            raise _unknown(name, edges, f"edges.{name}", "edges are added to")
        edges[name] = _joined(edges[name], new, f"edges.{name}")
    changed = {**named, **growth.edges}
    _check_known(growth.edges, edges, "edges.{}")
    _check_known({name: edges[name] for name in named}, edges)
    _check_spares_run({**settled, **_fallbacks(named)}, edges)
    edges = {**edges, **_with_fallbacks({name: edges[name] for name in changed}, settled)}
    edges = {**edges, **_with_fallbacks(edges, _fallbacks(named))}
    return Graph(edges, ordered(edges))


def _named(tasks: Iterable[TaskDefinition]) -> dict[str, TaskDefinition]:
    named: dict[str, TaskDefinition] = {}
    for task in tasks:
        if task.name in named:
            raise _duplicate(task.name)
        named[task.name] = task
    return named


def _duplicate(name: str) -> DuplicateTask:
    return DuplicateTask(
        f"tasks.{name}: there is a task of this name already", field=f"tasks.{name}"
    )


def _fallbacks(named: Mapping[str, TaskDefinition]) -> dict[str, str | None]:
    return {name: task.spare for name, task in named.items() if task.fallback or task.spare}


def _with_fallbacks(edges: Edges, settled: Mapping[str, str | None]) -> Edges:
    """Let those go on that wait for the success of a task for which something stands in."""
    if not settled:
        return edges
    found = {name: _softened(name, own, settled) for name, own in edges.items()}
    for name, spare in settled.items():
        if spare in found:
            others = (edge for edge in found[spare] if edge[0] != name)
            found[spare] = (*others, (name, After.FAILURE))
    return found


def _softened(name: str, own: Own, settled: Mapping[str, str | None]) -> Own:
    if not any(on in settled and after is After.SUCCESS for on, after in own):
        return own
    found: dict[str, After] = {}
    for on, after in own:
        spare = settled.get(on)
        is_soft = on in settled and after is After.SUCCESS and spare != name
        found[on] = After.SETTLED if is_soft else after
        if is_soft and spare is not None:
            found[spare] = After.SPARE
    return tuple(found.items())


def _check_spares(named: Mapping[str, TaskDefinition], known: Iterable[str]) -> None:
    """Raises: UnknownDependency or InvalidSpec, if a fallback task cannot stand in."""
    stands_for: dict[str, str] = {}
    for name, task in named.items():
        if task.spare is None:
            continue
        where, spare = f"tasks.{name}.fallback.task", task.spare
        if spare not in named:
            if spare in known:
                raise InvalidSpec(f"{where}: {spare!r} is there already", field=where)
            raise _unknown(spare, [*named, *known], where, "it falls back to")
        if spare == name or named[spare].fallback or named[spare].spare:
            what = "itself" if spare == name else f"{spare!r}, which has a fallback of its own"
            raise InvalidSpec(f"{where}: a task cannot fall back to {what}", field=where)
        other = stands_for.setdefault(spare, name)
        if other != name:
            raise InvalidSpec(f"{where}: {spare!r} stands in for {other!r}", field=where)


def _check_spares_run(spares: Mapping[str, str | None], edges: Edges) -> None:
    """Raises: InvalidSpec, if a fallback task could be skipped when it is needed."""
    for name, spare in spares.items():
        own = edges[spare] if spare is not None else ()
        risky = [one for one in own if one[0] != name and one[1] is not After.END]
        sure = _surely_met(name, edges) if risky else {}
        for on, after in risky:
            if sure.get(on) is not after and (sure.get(on), after) != _SOFTENED:
                where = f"tasks.{name}.fallback.task"
                raise InvalidSpec(
                    f"{where}: {spare!r} waits for {on!r} ({after}), and {name!r} does "
                    "not: it could be skipped when it is needed",
                    field=where,
                )


_SOFTENED: Final = (After.SETTLED, After.SUCCESS)
_TELL_NOTHING: Final = frozenset({After.END, After.SPARE})


def _surely_met(name: str, edges: Edges) -> dict[str, After]:
    """What must have ended how, if this task has run."""
    found: dict[str, After] = {}
    left = [name]
    while left:
        for on, after in edges[left.pop()]:
            if on not in found and after not in _TELL_NOTHING:
                found[on] = after
                left.append(on)
    return found


def _joined(old: Own, new: Own, where: str) -> Own:
    found = dict(old)
    for on, after in new:
        if found.setdefault(on, after) is not after:
            raise InvalidSpec(
                f"{where}: it waits for {on!r} already, after {found[on]}", field=where
            )
    return tuple(found.items())


def _check_known(
    edges: Edges, known: Collection[str], where: str = "tasks.{}.depends_on"
) -> None:
    for name, own in edges.items():
        for on, _ in own:
            if on not in known:
                raise _unknown(on, known, where.format(name), "it waits for")


def _check_lists(named: Mapping[str, TaskDefinition]) -> None:
    for name, task in named.items():
        if isinstance(task.for_each, str) and task.for_each not in named:
            where = f"tasks.{name}.for_each"
            raise _unknown(task.for_each, named, where, "its list is the result of")


def _unknown(name: str, known: Iterable[str], where: str, how: str) -> UnknownDependency:
    near = nearest(name, islice(known, MOST_COMPARED))
    hint = f"did you mean {near!r}?" if near else "there is none like it"
    return UnknownDependency(
        f"{where}: {how} {name!r}, and there is no such task: {hint}", field=where, nearest=near
    )


def ordered(edges: Edges) -> tuple[str, ...]:
    """The tasks, each behind all that it waits for; as written wherever that is free.

    Raises:
        DependencyCycle: there is no such order.
    """
    place = {name: at for at, name in enumerate(edges)}
    if all(place[on] < at for name, at in place.items() for on, _ in edges[name]):
        return tuple(edges)
    names = tuple(edges)
    left = [len(edges[name]) for name in names]
    followers: list[list[int]] = [[] for _ in names]
    for at, name in enumerate(names):
        for on, _ in edges[name]:
            followers[place[on]].append(at)
    free = [at for at, number in enumerate(left) if not number]
    heapify(free)
    order: list[str] = []
    while free:
        at = heappop(free)
        order.append(names[at])
        for follower in followers[at]:
            left[follower] -= 1
            if not left[follower]:
                heappush(free, follower)
    if len(order) < len(names):
        raise _cycle(_path(edges, {names[at] for at, number in enumerate(left) if number}))
    return tuple(order)


def _path(edges: Edges, stuck: set[str]) -> list[str]:
    """A cycle among tasks of which each waits for another of them; the first one twice."""
    name = next(one for one in edges if one in stuck)
    seen: dict[str, int] = {}
    path: list[str] = []
    while name not in seen:
        seen[name] = len(path)
        path.append(name)
        name = next(on for on, _ in edges[name] if on in stuck)
    return [*path[seen[name] :], name]


def _cycle(path: list[str]) -> DependencyCycle:
    shown = path if len(path) <= MOST_SHOWN else [*path[:10], "…", *path[-9:]]
    where = f"tasks.{path[0]}.depends_on"
    each = "a task that waits for itself" if len(path) == 2 else "each waits for the next"
    return DependencyCycle(
        f"{where}: a cycle: {' → '.join(shown)} ({each})",
        field=where,
        details={"cycle": path[:1_000]},
    )
