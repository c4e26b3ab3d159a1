"""Contexts: what a task is told when it starts, from what is on disk of those before it."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET

from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import State
from engine.model.workflow import After, Edge, Flow, FlowKind, TaskResult
from engine.store.protocol import Store

MOST_BYTES: Final = 8 * 2**20
"""What a task waits for may say at most, all together, as JSON."""

AT_ONCE: Final = 500
KEPT: Final = 64
MOST_DEEP: Final = 16

Said: TypeAlias = Mapping[JobId, TaskResult]
"""What jobs had to say; those that said nothing are left out."""

MOST_BEFORE: Final = 2_000
"""Jobs that are looked up at once for several that start; for one, as many as it needs."""

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Before:
    """What was looked up at once for jobs that start together."""

    jobs: Mapping[JobId, Job] = field(default_factory=dict)
    said: Said = field(default_factory=dict)


NOTHING: Final = Before()


class Contexts:
    """Looks up the results of a task's dependencies, its workflow and its item."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shared: dict[tuple[JobId, int], dict[str, Any]] = {}
        """What the tasks of a fan-out share, by composite and its version."""
        self._flows: dict[JobId, Flow] = {}
        """Flows of which tasks were started lately; a flow stays as it was made."""

    async def before(self, jobs: Sequence[Job]) -> Before:
        """What stands before these jobs, which start together: one look for all of them.

        Those that stand before too many are left out, and are looked up when it is their turn.
        """
        wanted: set[JobId] = set()
        for job in jobs:
            more = wanted.union(_before(job))
            if len(more) <= MOST_BEFORE:
                wanted = more
        if not wanted:
            return NOTHING
        found, said = await self._store.said_by(sorted(wanted))
        return Before({job.id: job for job in found}, said)

    async def context(
        self, job: Job, attempt: str, before: Before = NOTHING
    ) -> dict[str, Any] | None:
        """What a job is told; None if it is no task of a workflow.

        Args:
            job: As it is when it starts.
            attempt: Of it.
            before: What was looked up for it and others.

        Raises:
            InvalidSpec: the results that it waited for are too large.
        """
        shared = await self._of(job, before)
        if shared is None:
            return None
        told = {**shared, "job": job.id, "attempt": attempt}
        if job.spec.task:
            told["task"] = job.spec.task
        if job.spec.item is not UNSET:
            told |= {"item": job.spec.item, "index": int(job.spec.task)}
        return told

    async def _of(self, job: Job, before: Before) -> dict[str, Any] | None:
        spec = job.spec
        if spec.whole is None:
            return None
        if spec.array is not None:  # its array is the task
            whole = await self._job(spec.array, before)
            return None if whole is None else await self._of(whole, before)
        if spec.item is not UNSET:
            whole = await self._job(spec.whole, before)
            return None if whole is None else await self._shared_by(whole, before)
        return await self._built(job, before)

    async def _job(self, job: JobId, before: Before) -> Job | None:
        return before.jobs.get(job) or await self._store.job(job)

    async def _shared_by(self, whole: Job, before: Before) -> dict[str, Any] | None:
        key = (whole.id, whole.now.version)
        if key not in self._shared:
            built = await self._of(whole, before)
            if built is None:
                return None
            if len(self._shared) >= KEPT:
                self._shared.pop(next(iter(self._shared)))
            self._shared[key] = built
        return self._shared[key]

    async def _built(self, job: Job, before: Before) -> dict[str, Any] | None:
        assert job.spec.flow is not None
        flow = await self._flow(job.spec.flow)
        if flow is None:
            return None
        root = await self._flow(flow.root) or flow
        edges = job.spec.constraints.edges
        on, said = await self._said_by([edge.on for edge in edges], before)
        results = await self._results(on, said, edges)
        if sum(len(_encode(one)) for one in results.values()) > MOST_BYTES:
            raise InvalidSpec(
                f"the results that it waits for have more than {MOST_BYTES >> 20} MiB: hand "
                "such data on as artifacts",
                field="depends_on",
            )
        return {
            "workflow": {"id": root.id, "name": root.name, "run": root.run},
            "task": job.spec.task,
            "params": flow.params,
            "results": results,
            "outcomes": {_name(one): one.now.state.value for one in on},
        }

    async def _said_by(
        self, ids: Sequence[JobId], before: Before
    ) -> tuple[Sequence[Job], Said]:
        """These jobs, and at least all that they had to say."""
        if all(map(before.jobs.__contains__, ids)):
            return [before.jobs[id_] for id_ in ids], before.said
        return await self._store.said_by(ids)

    async def _flow(self, composite: JobId) -> Flow | None:
        known = self._flows.get(composite)
        if known is not None:
            return known
        found = await self._store.flow(composite)
        if found is not None:
            if len(self._flows) >= KEPT:
                self._flows.pop(next(iter(self._flows)))
            self._flows[composite] = found
        return found

    async def _results(
        self, jobs: Sequence[Job], said: Said, edges: Sequence[Edge]
    ) -> dict[str, Any]:
        """What these jobs had to say, by task; what stands in for it included."""
        values = await self._values(jobs, said, 0)
        after = {edge.on: edge.after for edge in edges}
        for job in jobs:
            if job.id not in values and after.get(job.id) is After.SETTLED:
                spare = _spare_of(job, jobs)
                if spare is not None and spare.id in values:
                    values[job.id] = values[spare.id]
        return {_name(job): values.get(job.id) for job in jobs}

    async def values(self, jobs: Sequence[Job], depth: int = 0) -> dict[JobId, Any]:
        """What these jobs had to say; those that said nothing are left out."""
        said = await self._store.results([job.id for job in jobs])
        return await self._values(jobs, said, depth)

    async def _values(self, jobs: Sequence[Job], said: Said, depth: int) -> dict[JobId, Any]:
        found: dict[JobId, Any] = {}
        for job in jobs:
            if job.now.state is not State.SUCCEEDED:
                if job.spec.fallback is not None:
                    found[job.id] = job.spec.fallback.value
            elif job.id in said:
                found[job.id] = msgspec.json.decode(said[job.id].body)
            elif job.spec.kind is Kind.COMPOSITE and depth < MOST_DEEP:
                found[job.id] = await self._gathered(job, depth + 1)
        return found

    async def _gathered(self, whole: Job, depth: int) -> Any:
        """Of a fan-out or an array a list in order, of a workflow a map by task."""
        flow = await self._store.flow(whole.id)
        found: dict[str, Any] = {}
        size = 0
        async for page in pages_of(self._store, whole.id, flow):
            values = await self.values(page, depth)
            size += sum(len(_encode(value)) for value in values.values())
            if size > MOST_BYTES:
                raise InvalidSpec(
                    f"the results of #{whole.id} have more than {MOST_BYTES >> 20} MiB",
                    field="depends_on",
                )
            found |= {_name(job): values.get(job.id) for job in page}
        if flow is None or flow.kind is FlowKind.MAP:
            return list(found.values())
        return found


def _before(job: Job) -> Iterator[JobId]:
    """The jobs by which one is told its context, as far as it says so itself."""
    spec = job.spec
    if spec.array is not None:
        yield spec.array
    elif spec.item is not UNSET and spec.whole is not None:
        yield spec.whole
    elif spec.whole is not None:
        yield from (edge.on for edge in spec.constraints.edges)


async def pages_of(
    store: Store, whole: JobId, flow: Flow | None
) -> AsyncIterator[Sequence[Job]]:
    """The tasks of a flow, or the members of an array, in order, some at a time."""
    after, offset = JobId(0), 0
    while True:
        if flow is not None:
            page = await store.tasks(whole, after, AT_ONCE)
        else:
            page = await store.members(whole, offset, AT_ONCE)
        if page:
            yield page
        if len(page) < AT_ONCE:
            return
        after, offset = page[-1].id, offset + len(page)


async def pages_within(store: Store, whole: Job) -> AsyncIterator[Sequence[Job]]:
    """All that a composite job stands for, that of composite ones among it included."""
    flow = await store.flow(whole.id)
    async for page in pages_of(store, whole.id, flow):
        yield page
        for inner in page:
            if inner.spec.kind is Kind.COMPOSITE:
                async for more in pages_within(store, inner):
                    yield more


def _name(job: Job) -> str:
    return job.spec.task or f"#{job.id}"


def _spare_of(job: Job, among: Sequence[Job]) -> Job | None:
    """The fallback task of one that failed."""
    name, flow = job.spec.spare, job.spec.flow
    return next((one for one in among if (one.spec.task, one.spec.flow) == (name, flow)), None)
