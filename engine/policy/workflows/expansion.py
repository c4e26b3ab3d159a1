"""A workflow becomes jobs and edges: which ids they get, and what waits for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.definition import Definition, TaskDefinition
from engine.model.ids import JobId
from engine.model.states import State
from engine.model.workflow import MET_BY, Edge
from engine.policy.arrays.expansion import Sweep
from engine.policy.workflows.graph import Edges, Graph, graph_of
from engine.policy.workflows.sweeps import sweep_of

_MET_BY_SKIPS: Final = frozenset(after for after, met in MET_BY.items() if State.SKIPPED in met)


@dataclass(frozen=True, slots=True)
class Node:
    """One task, under its id."""

    id: JobId
    flow: JobId
    """The composite job within which it is a task."""
    task: TaskDefinition
    edges: tuple[Edge, ...]
    where: str
    """Its place in the definition, for the words of errors."""
    defaults: Mapping[str, object]
    limit: int | None
    """How many tasks of its flow may run at once."""
    is_tolerated: bool
    inherits: bool
    """It waits for what its flow waits for."""
    sweep: Sweep | None = None
    """Of an array: its members follow it."""

    @property
    def count(self) -> int:
        """How many jobs it is at first, those of nested workflows not counted."""
        return 1 if self.sweep is None else 1 + self.sweep.count


@dataclass(frozen=True, slots=True)
class Whole:
    """A composite job with tasks: the run itself, a workflow within it, or a fan-out."""

    id: JobId
    name: str
    definition: Definition | None
    """None: a fan-out."""
    node: Node | None
    """Which task it is; None: the run itself."""


class Expansion:
    """Jobs of a workflow, each behind what it waits for, under ids in a row."""

    def __init__(self, first: JobId) -> None:
        self.first = first
        self._next = first
        self.nodes: list[Node] = []
        self.wholes: list[Whole] = []

    @classmethod
    def of_run(cls, definition: Definition, first: JobId) -> "Expansion":
        """A whole run, which gets the first id itself.

        Raises:
            InvalidSpec: a graph is none, or an array has no members.
        """
        found = cls(first)
        found._next = JobId(first + 1)
        found.wholes.append(Whole(first, definition.name, definition, None))
        found.add(definition, graph_of(definition.tasks), first, {}, ())
        return found

    @property
    def count(self) -> int:
        """How many jobs there are, members of arrays included."""
        return self._next - self.first

    def add(
        self,
        definition: Definition,
        graph: Graph,
        flow: JobId,
        known: Mapping[str, JobId],
        inherited: Sequence[Edge],
        where: str = "",
    ) -> None:
        """The tasks of a workflow; those that wait for nothing wait as their workflow does.

        So do those that follow any end of others: they too must not run within a workflow
        that is skipped.

        Args:
            definition: Has the tasks.
            graph: Theirs, and perhaps of tasks that there are already.
            flow: Their composite job.
            known: Ids of tasks that there are already.
            inherited: What their composite job waits for.
            where: Their place in the definition.
        """
        tasks = {task.name: task for task in definition.tasks}
        ids = dict(known)
        nested: list[tuple[Node, Definition]] = []
        for name in graph.order:
            if name not in tasks:
                continue
            own = edges_of(name, graph.edges, ids)
            inherits = all(edge.after in _MET_BY_SKIPS for edge in own)
            edges = (*own, *inherited) if inherits else own
            place = f"{where}tasks.{name}"
            node = self._node(tasks[name], flow, edges, place, definition, inherits=inherits)
            ids[name] = node.id
            self.nodes.append(node)
            if node.task.workflow is not None or node.task.for_each is not None:
                self.wholes.append(Whole(node.id, name, node.task.workflow, node))
            if node.task.workflow is not None:
                nested.append((node, node.task.workflow))
        for node, inner in nested:
            place = f"{node.where}.workflow."
            self.add(inner, graph_of(inner.tasks, place), node.id, {}, node.edges, place)

    def _node(
        self,
        task: TaskDefinition,
        flow: JobId,
        edges: tuple[Edge, ...],
        where: str,
        definition: Definition,
        *,
        inherits: bool,
    ) -> Node:
        id_ = JobId(self._next)
        node = node_of(task, id_, flow, edges, where, definition, inherits=inherits)
        self._next = JobId(self._next + node.count)
        return node


def count_of(definition: Definition) -> int:
    """How many jobs the tasks of a workflow are. Raises: InvalidSpec, of an array."""
    return sum(map(_count_of, definition.tasks))


def _count_of(task: TaskDefinition) -> int:
    if task.workflow is not None:
        return 1 + count_of(task.workflow)
    return 1 if task.array is None else 1 + sweep_of(task).count


def node_of(
    task: TaskDefinition,
    id_: JobId,
    flow: JobId,
    edges: tuple[Edge, ...],
    where: str,
    definition: Definition,
    *,
    inherits: bool,
) -> Node:
    """One task of a definition under its id. Raises: InvalidSpec, of its array."""
    return Node(
        id=id_,
        flow=flow,
        task=task,
        edges=edges,
        where=where,
        defaults=definition.defaults,
        limit=definition.limit,
        is_tolerated=task.fallback is not None or task.spare is not None,
        inherits=inherits,
        sweep=None if task.array is None else sweep_of(task, where),
    )


def edges_of(name: str, edges: Edges, ids: Mapping[str, JobId]) -> tuple[Edge, ...]:
    """What a task waits for, by id."""
    return tuple([Edge(ids[on], after) for on, after in edges[name]])
