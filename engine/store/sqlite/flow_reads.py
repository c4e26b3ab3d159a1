"""The reading side of flows: which connection answers what."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from sqlite3 import Connection
from typing import TypeVar

from engine.model.awaited import Awaited
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.model.workflow import Flow, TaskResult
from engine.store.sqlite import flows

T = TypeVar("T")


class FlowReads:
    """`engine.store.flows.Flows`."""

    async def _look(self, work: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def awaited(self, jobs: Sequence[JobId]) -> Mapping[JobId, Awaited]:
        return await self._look(partial(flows.awaited, ids=jobs))

    async def flow(self, composite: JobId) -> Flow | None:
        return await self._look(partial(flows.flow, composite=composite))

    async def live_flows(self) -> list[Flow]:
        return await self._look(lambda db: flows.flows(db, "live_flows"))

    async def runs(self, *, name: str | None, below: JobId, limit: int) -> list[Flow]:
        return await self._look(partial(flows.runs, name=name, below=below, limit=limit))

    async def next_run(self, name: str) -> int:
        return await self._look(partial(flows.next_run, name=name))

    async def flows_within(self, root: JobId) -> list[Flow]:
        return await self._look(lambda db: flows.flows(db, "flows_within", root=root))

    async def tasks(self, flow: JobId, after: JobId, limit: int) -> list[Job]:
        return await self._look(partial(flows.tasks, flow=flow, after=after, limit=limit))

    async def task_number(self, flow: JobId) -> int:
        return await self._look(partial(flows.task_number, flow=flow))

    async def tasks_in(
        self, flow: JobId, states: Collection[State], after: JobId, limit: int
    ) -> list[Job]:
        work = partial(flows.tasks_in, flow=flow, states=states, after=after, limit=limit)
        return await self._look(work)

    async def task_ids(self, flow: JobId, names: Sequence[str]) -> Mapping[str, JobId]:
        return await self._look(partial(flows.task_ids, flow=flow, names=names))

    async def results(self, jobs: Sequence[JobId]) -> Mapping[JobId, TaskResult]:
        return await self._look(partial(flows.results, ids=jobs))

    async def said_by(
        self, jobs: Sequence[JobId]
    ) -> tuple[list[Job], Mapping[JobId, TaskResult]]:
        return await self._look(partial(flows.said_by, ids=jobs))

    async def definition(self, digest: str) -> bytes | None:
        return await self._look(partial(flows.definition, digest=digest))
