"""Flows: the part of a store that keeps runs of workflows, and what their tasks say."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from engine.model.awaited import Awaited
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.model.workflow import Flow, TaskResult


class Flows(Protocol):
    """Composite jobs whose children are tasks with names."""

    async def awaited(self, jobs: Sequence[JobId]) -> Mapping[JobId, Awaited]:
        """How the dependencies of these stand; those that wait for nothing are left out."""
        ...

    async def flow(self, composite: JobId) -> Flow | None: ...

    async def live_flows(self) -> list[Flow]:
        """Flows whose composite job has not ended."""
        ...

    async def runs(self, *, name: str | None, below: JobId, limit: int) -> list[Flow]:
        """Runs that people started (no flows within others), newest first.

        Args:
            name: Of the workflow; None: of all.
            below: Only those with a smaller id.
            limit: At most so many.
        """
        ...

    async def next_run(self, name: str) -> int:
        """The number of the next run of a workflow, from 1."""
        ...

    async def flows_within(self, root: JobId) -> list[Flow]:
        """All flows of a run, itself first."""
        ...

    async def tasks(self, flow: JobId, after: JobId, limit: int) -> list[Job]:
        """Children of a flow past an id, in order of id."""
        ...

    async def task_number(self, flow: JobId) -> int:
        """How many children a flow has."""
        ...

    async def tasks_in(
        self, flow: JobId, states: Collection[State], after: JobId, limit: int
    ) -> list[Job]:
        """As `tasks`, only those in these states."""
        ...

    async def task_ids(self, flow: JobId, names: Sequence[str]) -> Mapping[str, JobId]:
        """Which job a task of this name is; those that are not there are left out."""
        ...

    async def results(self, jobs: Sequence[JobId]) -> Mapping[JobId, TaskResult]:
        """What these jobs had to say; those that said nothing are left out."""
        ...

    async def said_by(
        self, jobs: Sequence[JobId]
    ) -> tuple[list[Job], Mapping[JobId, TaskResult]]:
        """These jobs as `jobs` has them, and their `results`, both of one moment."""
        ...

    async def definition(self, digest: str) -> bytes | None:
        """The JSON from which a workflow was made."""
        ...
