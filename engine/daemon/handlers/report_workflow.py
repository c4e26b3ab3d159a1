"""`report_workflow`: what a run came to, with the results of its tasks."""

from collections.abc import Sequence
from typing import Final

import msgspec

from engine.control.messages import ReportWorkflow
from engine.control.views import FlowReport, TaskReport
from engine.daemon.desk import Caller, Desk
from engine.daemon.flow_lookup import find_flow
from engine.daemon.rendering import duration_ms
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL, State
from engine.policy.workflows.report import summary, why

AT_ONCE: Final = 1_000
"""Tasks that are read together."""
MOST_RESULTS_BYTES: Final = 8 * 2**20
"""Of all results in one report together; the others are left out."""


async def answer(desk: Desk, _: Caller, ask: ReportWorkflow) -> FlowReport:
    """What a run came to. Raises: NotFound."""
    flow = await find_flow(desk, ask.id)
    job = await desk.store.job(flow.id)
    assert job is not None
    jobs: list[Job] = []
    while more := await desk.store.tasks(flow.id, jobs[-1].id if jobs else JobId(0), AT_ONCE):
        jobs += more
    added = summary(jobs)
    return FlowReport(
        id=job.id,
        name=flow.name,
        run=flow.run,
        status=job.now.state.value,
        created_at=job.created_at,
        started_at=job.now.started_at,
        completed_at=job.now.ended_at,
        duration=duration_ms(job.now.started_at, job.now.ended_at),
        task_count=added.task_count,
        successful_tasks=added.successful,
        task_results=await _results(desk, jobs),
        error=added.error if job.now.state in FINAL - {State.SUCCEEDED} else None,
    )


async def _results(desk: Desk, jobs: Sequence[Job]) -> dict[str, TaskReport]:
    found: dict[str, TaskReport] = {}
    room = MOST_RESULTS_BYTES
    for begin in range(0, len(jobs), AT_ONCE):
        some = jobs[begin : begin + AT_ONCE]
        results = await desk.store.results([job.id for job in some])
        for job in some:
            result = results.get(job.id)
            size = len(result.body) if result else 0
            fits = result is not None and size <= room
            room -= size if fits else 0
            found[job.spec.task] = TaskReport(
                status=job.now.state.value,
                result=msgspec.json.decode(result.body) if result and fits else None,
                error=why(job),
                id=job.id,
                result_bytes=0 if fits else size,
            )
    return found
