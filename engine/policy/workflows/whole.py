"""The plan of a whole definition: workflows within it, arrays and fan-outs included."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.definition import Definition, TaskDefinition
from engine.policy.workflows.graph import Graph, graph_of
from engine.policy.workflows.plan import GUESS_MS, Plan, plan
from engine.policy.workflows.sweeps import sweep_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A definition that can be run, and how it would run."""

    graph: Graph
    plan: Plan
    durations: Mapping[str, int]
    """Of each task, in ms."""
    jobs: Mapping[str, int]
    """How many jobs each task is, as far as that is known."""
    within: Mapping[str, "Planned"]
    """The workflows among its tasks."""
    is_guess: bool
    """For some task it is not known how long it takes."""

    @property
    def count(self) -> int:
        """How many jobs it is in all."""
        return sum(self.jobs.values())


def planned(
    definition: Definition, known: Mapping[str, int], prefix: str = "", where: str = ""
) -> Planned:
    """How the workflow would run.

    Args:
        definition: With its params filled in.
        known: By path (`train`, `train/eval` within the workflow `train`), how long tasks
            take, in ms. One that is not there takes as long as the others on average.
        prefix: The path of the workflow itself.
        where: Its place in the outermost one, for the words of errors.

    Raises:
        InvalidSpec: as `graph_of`, and as `sweep` for arrays; or nested ones.
    """
    graph = graph_of(definition.tasks, where)
    within = {
        task.name: planned(
            task.workflow,
            known,
            f"{prefix}{task.name}/",
            f"{where}tasks.{task.name}.workflow.",
        )
        for task in definition.tasks
        if task.workflow is not None
    }
    told = {
        task.name: known[prefix + task.name]
        for task in definition.tasks
        if prefix + task.name in known
    }
    usual = sum(told.values()) // len(told) if told else GUESS_MS
    durations, jobs = {}, {}
    for task in definition.tasks:
        name, inner = task.name, within.get(task.name)
        one = told.get(name, usual)
        jobs[name] = _jobs(task) if inner is None else inner.count
        durations[name] = one * _turns(task, jobs[name]) if inner is None else inner.plan.length
    is_guess = any(
        within[task.name].is_guess if task.name in within else task.name not in told
        for task in definition.tasks
    )
    return Planned(graph, plan(graph, durations), durations, jobs, within, is_guess)


def _jobs(task: TaskDefinition) -> int:
    if task.array is not None:
        return sweep_of(task).count
    return len(task.for_each) if isinstance(task.for_each, tuple) else 1


def _turns(task: TaskDefinition, jobs: int) -> int:
    """How many times as long as one job of it a task takes at the least."""
    limit = task.limit if task.array is None else task.array.limit
    return -(-jobs // limit) if limit else min(jobs, 1)
