"""The rows of a workflow: its composite jobs and tasks, made as they are needed."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Protocol

from msgspec.structs import replace

from engine.errors import InvalidSpec
from engine.ledger.rows.arrays import ArrayRows, array_of
from engine.model.array import Array
from engine.model.definition import Definition, TaskDefinition
from engine.model.ids import JobId
from engine.model.job import Shape
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.model.workflow import After, Edge, Flow, FlowKind
from engine.policy.arrays.template import Template
from engine.policy.entry.admission import admit
from engine.policy.shapes import shape_of
from engine.policy.workflows.expansion import Expansion, Node, Whole
from engine.store.protocol import NewJob

AT_ONCE = 200
"""Jobs that are made before others get a turn."""

NOTHING = ("true",)
"""Stands for the command of what is never run itself, while it is read."""


TOLD_OF_ALL = frozenset(
    {"queue", "priority", "tenant", "tenant_id", "namespace", "owner", "tags", "metadata"}
)
"""Of its defaults, what a workflow says of itself too."""


class Maker(Protocol):
    """What rows are made with: reads jobs, knows shapes and what there is already."""

    def read(self, raw: Mapping[str, Any], defaults: Mapping[str, Any], where: str) -> JobSpec:
        """What a job says. Raises: InvalidSpec."""
        ...

    def must_fit(self, spec: JobSpec, where: str) -> None:
        """Let a job pass that is in time, and within what its tenant may have.

        Raises:
            InvalidSpec: it could never run.
        """
        ...

    async def shape(self, spec: JobSpec, where: str) -> int:
        """Key of its shape. Raises: InvalidSpec: no worker could ever hold it."""
        ...

    async def own_shape(self, shape: Shape) -> int:
        """Key of a shape that one submission alone has."""
        ...

    async def unmet_outside(self, spec: JobSpec, where: str) -> int:
        """How many jobs outside of the workflow it still waits for. Raises: InvalidSpec."""
        ...


class FlowRows:
    """A workflow under ids that were reserved for it."""

    def __init__(
        self,
        expansion: Expansion,
        maker: Maker,
        *,
        root: JobId,
        run: int,
        surroundings: int,
        digest: str,
        trace_id: str,
        now_at: int,
        met: Collection[JobId] = (),
    ) -> None:
        """Prepare.

        Args:
            expansion: Its jobs under their ids.
            maker: Reads them.
            root: The run.
            run: Its number.
            surroundings: Key of those of its sender.
            digest: Key of the definition.
            trace_id: Of all that say no other.
            now_at: When they come in.
            met: Jobs that have ended already, as all that wait for them need it.
        """
        self._expansion = expansion
        self._maker = maker
        self._run = run
        self._surroundings = surroundings
        self._digest = digest
        self._trace_id = trace_id
        self._now_at = now_at
        self._met = met
        self.first = expansion.first
        self.count = expansion.count
        self.root = root
        self.arrays: list[Array] = []
        """Of the rows that were made so far."""
        self._outside: dict[JobId, tuple[Edge, ...]] = {}
        """By workflow within: jobs outside of the run for which it waits."""

    @property
    def flows(self) -> list[Flow]:
        """What is remembered of each composite job with tasks."""
        return [self._flow(whole) for whole in self._expansion.wholes]

    @property
    def fan_outs(self) -> list[JobId]:
        """Composite jobs whose tasks are still to be made."""
        wholes = self._expansion.wholes
        return [whole.id for whole in wholes if whole.definition is None]

    async def parts(self) -> AsyncIterator[list[NewJob]]:
        """All rows in order, some at a time. Raises: InvalidSpec."""
        part = [await self._whole()] if self.first == self.root else []
        for node in self._expansion.nodes:
            part += await self.rows_of(node)
            if len(part) >= AT_ONCE:
                yield part
                part = []
        if part:
            yield part

    async def _whole(self) -> NewJob:
        whole = self._expansion.wholes[0]
        assert whole.definition is not None
        raw: dict[str, Any] = {"name": whole.name}
        if whole.definition.description:
            raw["description"] = whole.definition.description
        if whole.definition.hooks:
            raw["hooks"] = list(whole.definition.hooks)
        spec = self._composite(raw, whole.definition.defaults, "workflow")
        return await self._row(self.first, spec, 0, "workflow")

    def _composite(
        self, raw: Mapping[str, Any], defaults: Mapping[str, Any], where: str
    ) -> JobSpec:
        shared = {key: value for key, value in defaults.items() if key in TOLD_OF_ALL}
        spec = self._maker.read({**raw, "command": NOTHING}, shared, where)
        return standing(replace(spec, trace_id=spec.trace_id or self._trace_id))

    async def rows_of(self, node: Node) -> list[NewJob]:
        """The job of one task, and the members if it is an array. Raises: InvalidSpec."""
        task = node.task
        if task.workflow is not None:
            whole = {**named(task.job, task), "hooks": list(task.workflow.hooks) or None}
            spec = self._composite(whole, node.defaults, node.where)
        else:
            raw = named(task.job, task)
            read = self._maker.read(raw, node.defaults, node.where)
            self._maker.must_fit(read, node.where)
            spec = replace(read, trace_id=read.trace_id or self._trace_id)
        spec = self._awaiting_outside(spec, node)
        outside = await self._maker.unmet_outside(spec, node.where)
        unmet = sum(edge.on not in self._met for edge in node.edges) + outside
        spec = within(spec, node)
        if node.sweep is not None:
            return await self._array(node, spec, unmet)
        if task.for_each is not None:
            spec = standing(spec)
        return [await self._row(node.id, spec, unmet, node.where)]

    def _awaiting_outside(self, spec: JobSpec, node: Node) -> JobSpec:
        """The same, waiting for the jobs outside for which its workflow waits."""
        outside = self._outside.get(node.flow, ()) if node.inherits else ()
        spec = awaiting(spec, outside)
        if node.task.workflow is not None:
            self._outside[node.id] = spec.constraints.edges
        return spec

    async def _array(self, node: Node, spec: JobSpec, unmet: int) -> list[NewJob]:
        assert node.sweep is not None
        assert node.task.array is not None
        await self._maker.shape(spec, node.where)  # some worker must be able to hold one
        template = Template(replace(spec, flow=None, task=""), node.sweep.axes)
        array = array_of(node.id, node.sweep, node.task.array.limit, node.task.array.stop_after)
        self.arrays.append(array)
        rows = ArrayRows(
            array=array,
            template=template,
            sweep=node.sweep,
            surroundings=self._surroundings,
            whole_shape=0,
            shape=await self._maker.own_shape(replace(shape_of(template.spec), array=array.id)),
            unmet=unmet,
            now_at=self._now_at,
        )
        return [await self._row(node.id, standing(spec), unmet, node.where), *rows.members()]

    async def _row(self, id_: JobId, spec: JobSpec, unmet: int, where: str) -> NewJob:
        return NewJob(
            id=id_,
            spec=spec,
            surroundings=self._surroundings,
            shape=await self._maker.shape(spec, where),
            created_at=self._now_at,
            now=admit(spec, unmet, self._now_at),
        )

    def _flow(self, whole: Whole) -> Flow:
        definition, node = whole.definition, whole.node
        if definition is None:
            assert node is not None
            return Flow(
                id=whole.id,
                name=whole.name,
                run=self._run,
                kind=FlowKind.MAP,
                root=self.root,
                created_at=self._now_at,
                template=dict(named(node.task.job, node.task)),
                items=_items(node.task),
                limit=node.task.limit,
                defaults=dict(node.defaults),
                surroundings=self._surroundings,
            )
        return Flow(
            id=whole.id,
            name=whole.name,
            run=self._run,
            root=self.root,
            on_failure=definition.on_failure,
            params=dict(definition.params),
            definition=self._digest if node is None else "",
            created_at=self._now_at,
            limit=definition.limit,
            defaults=dict(definition.defaults),
            surroundings=self._surroundings,
        )


def _items(task: TaskDefinition) -> str | list[Any]:
    assert task.for_each is not None
    return task.for_each if isinstance(task.for_each, str) else list(task.for_each)


def named(raw: Mapping[str, Any], task: TaskDefinition) -> Mapping[str, Any]:
    """A job as people write it, called as its task if it has no name of its own."""
    return raw if raw.get("name") else {**raw, "name": task.name}


def standing(spec: JobSpec) -> JobSpec:
    """A composite job: it stands for others and asks for nothing itself."""
    rules = spec.constraints
    return replace(
        spec,
        kind=Kind.COMPOSITE,
        command=Command(),
        constraints=Constraints(
            depends_on=rules.depends_on, depends_otherwise=rules.depends_otherwise
        ),
        retry=JobSpec().retry,
        timeouts=JobSpec().timeouts,
        resources=JobSpec().resources,
        call=None,
        wants_result=False,
        preemptible=False,
    )


def within(spec: JobSpec, node: Node) -> JobSpec:
    """The job of a task as a part of its flow."""
    rules = _behind(spec.constraints, node.edges)
    if node.limit is not None and rules.concurrency_group is None:
        rules = replace(
            rules,
            concurrency_group=group_of(node.flow),
            max_concurrent_in_group=node.limit,
        )
    return replace(
        spec,
        constraints=rules,
        flow=node.flow,
        task=node.task.name,
        parent_id=node.flow,
        fallback=node.task.fallback,
        spare=node.task.spare or "",
        tolerated=node.is_tolerated,
        wants_result=True,
    )


def group_of(flow: JobId) -> str:
    """The concurrency group of the tasks of a flow that has a limit."""
    return f"flow-{flow}"


def awaiting(spec: JobSpec, more: Sequence[Edge]) -> JobSpec:
    """The job waiting for these too."""
    return replace(spec, constraints=_behind(spec.constraints, more)) if more else spec


def _behind(rules: Constraints, more: Sequence[Edge]) -> Constraints:
    if not more:
        return rules
    edges = {edge.on: edge for edge in (*more, *rules.edges)}.values()
    return replace(
        rules,
        depends_on=tuple([edge.on for edge in edges if edge.after is After.SUCCESS]),
        depends_otherwise=tuple([edge for edge in edges if edge.after is not After.SUCCESS]),
    )


def must_be_workflow(definition: Definition) -> None:
    """Raises: InvalidSpec, if there is nothing to run."""
    if not definition.tasks:
        raise InvalidSpec("tasks: there is none; a workflow has at least one", field="tasks")
