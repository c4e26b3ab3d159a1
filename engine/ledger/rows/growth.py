"""Growth: tasks and edges that a run gets while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace as dataclass_replace
from functools import partial
from typing import Any

from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import EngineError, NotAllowed, StaleLease
from engine.ledger.attempts.contexts import Contexts, pages_of
from engine.ledger.deciding import draft, job_move
from engine.ledger.ledger import Ledger
from engine.ledger.rows.flow_making import FlowMaker
from engine.ledger.rows.flows import AT_ONCE, FlowRows, group_of
from engine.ledger.rows.submission import Sender, Submissions
from engine.ledger.writes import Write
from engine.model.definition import Definition, Growth
from engine.model.events import EventType
from engine.model.ids import Epoch, JobId
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.model.states import FINAL
from engine.model.worker import Queue
from engine.model.workflow import MET_BY, After, Edge, Flow
from engine.policy.arrays.composite import is_composite
from engine.policy.entry.admission import admit
from engine.policy.jobs.change import Change
from engine.policy.workflows.expansion import Expansion, count_of
from engine.policy.workflows.graph import Edges, grown
from engine.policy.workflows.growing import waits_for_more
from engine.policy.workflows.late import filled_name
from engine.policy.workflows.unfolding import items_in, not_unfolded, unfolded
from engine.store.protocol import Draft, JobEdit, NewJob, Store, Unit

TRIES = 20


class Grower:
    """Makes tasks out of results, and takes in those that tasks ask for."""

    def __init__(
        self, *, store: Store, ledger: Ledger, submissions: Submissions, clock: Clock
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._submissions = submissions
        self._clock = clock
        self._contexts = Contexts(store)

    async def unfold(self, job: Job, flow: Flow) -> None:
        """Make the tasks of a fan-out, all with one commit.

        Raises:
            InvalidSpec: there is no list to fan out over, or a task becomes wrong with it.
            StaleLease: its composite job has changed.
        """
        context = await self._contexts.context(job, "") or {}
        items = self._items(flow, context)
        rows = await self._tasks(job, flow, items, context) if items else []
        change = unfolded(job, len(rows), self._clock.now())
        await self._write(job, change, rows, Unit(epoch=Epoch(0)))

    def _items(self, flow: Flow, context: Mapping[str, Any]) -> list[Any]:
        if not isinstance(flow.items, str):
            return items_in(flow.items, "it")
        said = context.get("results", {}).get(flow.items)
        return items_in(said, f"the result of {flow.items!r}")

    async def cannot_unfold(self, job: Job, error: EngineError) -> None:
        """A fan-out ends as failed: its tasks cannot be made."""
        decide = partial(not_unfolded, error=error, now_at=self._clock.now())
        await self._ledger.act(job, decide)

    async def _tasks(
        self, job: Job, flow: Flow, items: Sequence[Any], context: Mapping[str, Any]
    ) -> list[NewJob]:
        maker = FlowMaker(self._submissions, await self._sender(job, flow))
        read = maker.read(flow.template or {}, flow.defaults, job.spec.task)
        maker.must_fit(read, job.spec.task)
        spec = _template(read, job, flow)
        shape = await maker.shape(spec, job.spec.task)
        first, now_at = await self._store.reserve_ids(len(items)), self._clock.now()
        return [
            NewJob(
                id=JobId(first + index),
                spec=(own := _item(spec, item, index, context)),
                surroundings=flow.surroundings,
                shape=shape,
                created_at=now_at,
                now=admit(own, 0, now_at),
            )
            for index, item in enumerate(items)
        ]

    async def _sender(self, job: Job, flow: Flow) -> Sender:
        around = await self._store.surroundings(flow.surroundings)
        return Sender(user=job.spec.owner, cwd=around.cwd, env=around.env, defaults={})

    async def grow(
        self, job: Job, flow: Flow, growth: Growth, by: str, request_key: str = ""
    ) -> tuple[JobId, int]:
        """Add tasks and edges to a run that has not ended, all or none.

        Args:
            job: The composite.
            flow: Its flow.
            growth: New tasks and edges.
            by: Who asks for it.
            request_key: Repeating a growth with it adds nothing more.

        Returns:
            The first id of the new jobs, and how many there are.

        Raises:
            InvalidSpec: what comes of it is no graph, or a task is wrong.
            NotAllowed: the run has ended, or a task that shall wait for more has started.
            StaleLease: the run changed all the time.
        """
        for _ in range(TRIES):
            try:
                return await self._grow(job, flow, growth, by, request_key)
            except StaleLease:
                job = await self._ledger.find(job.id)
        raise StaleLease(f"#{job.id} is being changed by others all the time; try again")

    async def _grow(
        self, job: Job, flow: Flow, growth: Growth, by: str, request_key: str
    ) -> tuple[JobId, int]:
        if job.now.state in FINAL:
            raise NotAllowed(f"#{job.id} has ended: {job.now.state}; it gets no more tasks")
        if job.now.cancel_by is not None:
            raise NotAllowed(f"#{job.id} is being canceled; it gets no more tasks")
        known = await self._known(flow)
        names = {one.id: name for name, one in known.items()}
        graph = grown(_edges(known, names), growth, _settled(known))
        added = Definition(
            name=flow.name, defaults=flow.defaults, limit=flow.limit, tasks=growth.tasks
        )
        expansion = Expansion(await self._ids_for(count_of(added)))
        ids = {name: one.id for name, one in known.items()}
        expansion.add(added, graph, flow.id, ids, job.spec.constraints.edges)
        met = _met(expansion, {one.id: one for one in known.values()})
        rows = await self._rows(job, flow, expansion, met)
        jobs = [_held_as(job, one) async for part in rows.parts() for one in part]
        await self._must_wait_themselves(known, growth.edges)
        waiting = self._waiting(known, ids | _new_ids(expansion), growth.edges, graph.edges)
        last = expansion.first + expansion.count - 1
        cause = f"{by} added {len(expansion.nodes)} tasks"
        change = Change(None, job.now, EventType.WORKFLOW_GROWN, cause)
        unit = Unit(
            epoch=Epoch(0),
            flows=[(0, one) for one in rows.flows],
            arrays=[(0, one) for one in rows.arrays],
            requests=[(request_key, expansion.first, last)] if request_key and jobs else [],
        )
        await self._write(job, change, jobs, unit, waiting, by)
        return expansion.first, expansion.count

    async def _ids_for(self, count: int) -> JobId:
        """The first of so many ids. Raises: NotAllowed: they are too many at once."""
        if count > MOST_GROWN:
            raise NotAllowed(
                f"{count} tasks at once are too many: at most {MOST_GROWN}, in several steps"
            )
        return await self._store.reserve_ids(count) if count else JobId(0)

    async def _known(self, flow: Flow) -> dict[str, Job]:
        pages = pages_of(self._store, flow.id, flow)
        return {one.spec.task: one async for page in pages for one in page}

    async def _rows(
        self, job: Job, flow: Flow, expansion: Expansion, met: Sequence[JobId]
    ) -> FlowRows:
        return FlowRows(
            expansion,
            FlowMaker(self._submissions, await self._sender(job, flow)),
            root=flow.root,
            run=flow.run,
            surroundings=flow.surroundings,
            digest="",
            trace_id=job.spec.trace_id,
            now_at=self._clock.now(),
            met=met,
        )

    def _waiting(
        self,
        known: Mapping[str, Job],
        ids: Mapping[str, JobId],
        more: Edges,
        edges: Edges,
    ) -> list[tuple[Job, Change]]:
        """The tasks that are there and wait for more from now on. Raises: NotAllowed."""
        by_id = {one.id: one for one in known.values()}
        found = []
        for name in more:
            if name in known:
                new = [Edge(ids[on], after) for on, after in edges[name]]
                change = waits_for_more(known[name], new, by_id)
                found += [(known[name], change)] if change is not None else []
        return found

    async def _must_wait_themselves(self, known: Mapping[str, Job], names: Edges) -> None:
        """Raises: NotAllowed, if one stands for jobs that would not wait with it."""
        wholes = [known[name] for name in names if name in known and is_composite(known[name])]
        counts = await self._store.array_counts([one.id for one in wholes])
        for one in wholes:
            if counts.get(one.id):
                raise NotAllowed(
                    f"#{one.id} {one.spec.task} stands for jobs that are there: it cannot wait "
                    "for anything more"
                )

    async def _write(
        self,
        job: Job,
        change: Change,
        rows: Sequence[NewJob],
        unit: Unit,
        waiting: Sequence[tuple[Job, Change]] = (),
        by: str = "engine",
    ) -> None:
        """One unit; its composite job is compared, so that it has not ended meanwhile."""
        changed = [(job, change), *waiting]
        whole = dataclass_replace(
            unit,
            epoch=self._ledger.epoch,
            new_jobs=rows,
            moves=[job_move(one, what) for one, what in changed],
            edits=[
                JobEdit(id=one.id, spec=what.spec, shape=one.shape)
                for one, what in changed
                if what.spec is not None
            ],
            queues=[(0, Queue(name=name)) for name in self._ledger.new_queues(rows)],
            events=[
                *(draft(one, what, actor=by, **what.data) for one, what in changed),
                *(_submitted(one, by) for one in rows[:AT_ONCE]),
            ],
        )
        known = {one.id: one for one, _ in changed}
        await self._ledger.writer.post(lambda: Write(whole, known))


MOST_GROWN = 10_000
"""Jobs with which a run grows at once."""


def _held_as(whole: Job, new: NewJob) -> NewJob:
    """What comes into a run that is held waits with it."""
    if whole.now.held_by is None:
        return new
    now = replace(new.now, held_by=whole.now.held_by, held_why=whole.now.held_why)
    return dataclass_replace(new, now=now)


def _submitted(new: NewJob, by: str) -> Draft:
    return Draft(
        type=EventType.JOB_SUBMITTED,
        job=new.id,
        tenant=new.spec.tenant,
        actor=by,
        data={"queue": new.now.queue, "priority": new.now.priority.label},
    )


def _template(read: JobSpec, job: Job, flow: Flow) -> JobSpec:
    """What all tasks of a fan-out have in common."""
    rules = replace(read.constraints, depends_on=(), depends_otherwise=())
    if flow.limit is not None and rules.concurrency_group is None:
        group = group_of(flow.id)
        rules = replace(rules, concurrency_group=group, max_concurrent_in_group=flow.limit)
    return replace(
        read,
        constraints=rules,
        flow=job.id,
        parent_id=job.id,
        trace_id=job.spec.trace_id,
        wants_result=True,
        key=None,
    )


def _item(spec: JobSpec, item: Any, index: int, context: Mapping[str, Any]) -> JobSpec:
    told = {**context, "item": item, "index": index}
    return replace(spec, task=str(index), item=item, name=filled_name(spec.name, told))


def _edges(known: Mapping[str, Job], names: Mapping[JobId, str]) -> dict[str, Any]:
    return {
        name: tuple(
            (names[edge.on], edge.after)
            for edge in one.spec.constraints.edges
            if edge.on in names
        )
        for name, one in known.items()
    }


def _settled(known: Mapping[str, Job]) -> dict[str, str | None]:
    """Tasks for which a value or another task stands in."""
    return {name: one.spec.spare or None for name, one in known.items() if one.spec.tolerated}


def _new_ids(expansion: Expansion) -> dict[str, JobId]:
    own = expansion.nodes[0].flow if expansion.nodes else None
    return {node.task.name: node.id for node in expansion.nodes if node.flow == own}


def _met(expansion: Expansion, known: Mapping[JobId, Job]) -> list[JobId]:
    """Tasks that have ended as each new one needs that waits for them."""
    after: dict[JobId, set[After]] = {}
    for node in expansion.nodes:
        for edge in node.edges:
            after.setdefault(edge.on, set()).add(edge.after)
    return [
        id_
        for id_, how in after.items()
        if id_ in known and all(known[id_].now.state in MET_BY[one] for one in how)
    ]
