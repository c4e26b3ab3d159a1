"""`report_workflow`: what a run came to, with the results of its tasks."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from engine.control.messages import ReportWorkflow
from engine.control.views import FlowReport, TaskReport
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.lookup import find_flow
from engine.daemon.pictures.rendering import duration_ms
from engine.errors import InvalidSpec
from engine.ledger.attempts.contexts import Contexts
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import FINAL, State
from engine.policy.workflows.report import summary, why

AT_ONCE: Final = 1_000
"""Tasks that are read together."""
TOGETHER: Final = 100
"""Tasks whose results are read together."""
_TOO_LARGE: Final = object()
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
    contexts = Contexts(desk.store)
    for begin in range(0, len(jobs), TOGETHER):
        some = jobs[begin : begin + TOGETHER]
        said = await _said(contexts, some)
        for job in some:
            size = _size(said.get(job.id))
            fits = size <= room
            room -= size if fits else 0
            found[job.spec.task] = TaskReport(
                status=job.now.state.value,
                result=said.get(job.id) if fits and size else None,
                error=why(job),
                id=job.id,
                result_bytes=0 if fits else size,
            )
    return found


async def _said(contexts: Contexts, jobs: Sequence[Job]) -> dict[JobId, Any]:
    """What tasks said, or what stands in for it; of composite ones what theirs said."""
    ended = [job for job in jobs if job.now.state in FINAL]
    found = await contexts.values([job for job in ended if job.spec.kind is not Kind.COMPOSITE])
    for job in ended:
        if job.spec.kind is Kind.COMPOSITE:
            try:
                found |= await contexts.values([job])
            except InvalidSpec:
                found[job.id] = _TOO_LARGE
    return found


def _size(said: Any) -> int:
    if said is None:
        return 0
    return MOST_RESULTS_BYTES + 1 if said is _TOO_LARGE else len(msgspec.json.encode(said))
