"""Plans as clients see them, and the jobs of a definition, read but not stored."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.control.views import EdgeView, PlannedTask, PlanView
from engine.model.definition import Definition, TaskDefinition
from engine.model.intake import Reader
from engine.model.intake.workflow import read_workflow
from engine.model.job import Shape
from engine.model.spec import JobSpec
from engine.policy.shapes import shape_of
from engine.policy.workflows.whole import Planned, planned

MOST_TOLD: Final = 20_000
"""Tasks in one plan; those of the last levels are left out."""

Readers: TypeAlias = Callable[[Mapping[str, Any]], Reader]
"""Makes a reader of jobs from the defaults that they share."""


def read_jobs(
    definition: Definition, readers: Readers, path: str = "", where: str = ""
) -> Iterator[tuple[str, str, JobSpec]]:
    """Each job of a definition, and of those within it, with its path and its place.

    Raises:
        InvalidSpec: a job, or the defaults, are wrong.
    """
    reader = readers(definition.defaults)
    for task in definition.tasks:
        place = f"{where}tasks.{task.name}"
        if task.workflow is None:
            yield path + task.name, place, reader.read(task.job, place)
        else:
            inner = f"{place}.workflow."
            yield from read_jobs(task.workflow, readers, f"{path}{task.name}/", inner)


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """A definition that was read whole, and its plan."""

    definition: Definition
    planned: Planned
    shapes: tuple[tuple[str, JobSpec], ...]
    """One job, with its place, of each set of those that ask for the same."""


def read_plan(
    raw: Any, params: Mapping[str, Any], readers: Readers, times: Mapping[str, int]
) -> FoundPlan:
    """A definition with all of its jobs, read, and planned.

    Args:
        raw: As people write it.
        params: Over the defaults that it has.
        readers: Of its jobs.
        times: How long tasks took in earlier runs, by path, in ms; what a job says of
            itself goes before.

    Raises:
        InvalidSpec: the first thing wrong with it.
    """
    definition = read_workflow(raw, params)
    known = dict(times)
    shapes: dict[Shape, tuple[str, JobSpec]] = {}
    for path, place, spec in read_jobs(definition, readers):
        if spec.estimated_duration_ms is not None:
            known[path] = spec.estimated_duration_ms
        shapes.setdefault(shape_of(spec), (place, spec))
    found = planned(definition, known)
    return FoundPlan(definition, found, tuple(shapes.values()))


def plan_view(read: FoundPlan) -> PlanView:
    """The plan of a definition, for people and scripts."""
    definition, found = read.definition, read.planned
    plan, levels = found.plan, told_levels(read.planned.plan.levels)
    told = {name for names in levels for name in names}
    return PlanView(
        name=definition.name,
        description=definition.description,
        params=dict(definition.params),
        task_count=found.count,
        levels=levels,
        dependencies={
            name: tuple(on for on, _ in edges)
            for name, edges in found.graph.edges.items()
            if edges and name in told
        },
        task_map=_task_map(definition, found, told),
        critical_path=plan.critical_path[:MOST_TOLD],
        max_parallelism=plan.width,
        efficiency=round(plan.efficiency, 4),
        duration_ms=plan.length,
        is_guess=found.is_guess,
        left_out=len(definition.tasks) - len(told),
    )


def told_levels(levels: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """As many of the first levels as one answer can tell of, the last one perhaps in part."""
    room, found = MOST_TOLD, []
    for names in levels:
        if room <= 0:
            break
        found.append(tuple(names[:room]))
        room -= len(names)
    return tuple(found)


def _task_map(
    definition: Definition, found: Planned, told: Collection[str]
) -> dict[str, PlannedTask]:
    level, critical = found.plan.level_of, set(found.plan.critical_path)
    return {
        task.name: _planned(task, level[task.name], found, is_critical=task.name in critical)
        for task in definition.tasks
        if task.name in told
    }


def _planned(
    task: TaskDefinition, level: int, found: Planned, *, is_critical: bool
) -> PlannedTask:
    span = found.plan.spans[task.name]
    return PlannedTask(
        level=level,
        start_ms=span.start,
        end_ms=span.end,
        duration_ms=found.durations[task.name],
        slack_ms=span.slack,
        critical=is_critical,
        kind=kind_of(task),
        edges=tuple(EdgeView(task=on, after=how) for on, how in found.graph.edges[task.name]),
        tasks=found.jobs[task.name],
    )


def kind_of(task: TaskDefinition) -> str:
    """What a task is: `workflow`, `map`, `array`, or the kind of its job."""
    if task.workflow is not None:
        return "workflow"
    if task.for_each is not None:
        return "map"
    if task.array is not None:
        return "array"
    called = next((kind for key, kind in _CALLS if key in task.job), "command")
    return str(task.job.get("kind") or called)


_CALLS = (("tool", "tool_call"), ("stage_module", "stage"))
