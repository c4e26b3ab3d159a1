"""Finding runs of workflows, and telling of them as rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.control.views import FlowView
from engine.daemon.desk import Desk
from engine.daemon.flows.views import flow_view
from engine.errors import NotFound
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.workflow import Flow
from engine.policy.arrays.composite import FAILURES
from engine.policy.workflows.report import MOST_NAMED

MOST_LOOKED_AT: Final = 20
"""Tasks that failed, among which those are looked for with which the run does."""


async def find_flow(desk: Desk, number: int) -> Flow:
    """A run, or a composite task of one. Raises: NotFound."""
    flow = await desk.store.flow(JobId(number))
    if flow is not None:
        return flow
    job = await desk.store.job(JobId(number))
    if job is None:
        raise NotFound(f"there is no run #{number}", field="id")
    raise NotFound(f"#{number} is no run of a workflow: `crabtui show {number}`", field="id")


async def flow_views(desk: Desk, flows: Sequence[Flow]) -> list[FlowView]:
    """These runs, as clients see them, in this order."""
    ids = [flow.id for flow in flows]
    jobs = {job.id: job for job in await desk.store.jobs(ids)}
    counts = await desk.store.array_counts(ids)
    return [
        flow_view(
            flow, jobs[flow.id], counts.get(flow.id, {}), await _failed(desk, flow.id, counts)
        )
        for flow in flows
        if flow.id in jobs
    ]


async def _failed(
    desk: Desk, flow: JobId, counts: Mapping[JobId, Mapping[str, int]]
) -> list[Job]:
    if not any(counts.get(flow, {}).get(state.value) for state in FAILURES):
        return []
    found = await desk.store.tasks_in(flow, FAILURES, JobId(0), MOST_LOOKED_AT)
    return [job for job in found if not job.spec.tolerated][:MOST_NAMED]
