"""`show`: everything about one job."""

from typing import Final

from engine.control.messages import ShowJob
from engine.control.views import ArrayView, JobDetail
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.usage import used
from engine.daemon.rendering import attempt_view, job_view, rows
from engine.errors import NotFound
from engine.model.ids import JobId
from engine.model.job import Job
from engine.policy.arrays.composite import is_composite

MOST_DEPENDENTS: Final = 1000
"""Dependents are counted up to this."""


async def answer(desk: Desk, _: Caller, ask: ShowJob) -> JobDetail:
    """A job, its attempts and its dependencies. Raises: NotFound."""
    job = await desk.store.job(JobId(ask.id))
    if job is None:
        raise NotFound(f"there is no job #{ask.id}", field="id")
    worker = desk.working_set.workers.get(job.now.worker or "")
    array, counts = await _array(desk, job)
    attempts = await desk.store.attempts(job.id)
    measured = await used(desk, attempts)
    return JobDetail(
        job=job_view(job, worker.backend if worker else None),
        members=counts,
        array=array,
        attempts=tuple(attempt_view(one, job) for one in attempts),
        depends_on=rows(await desk.store.dependencies(job.id), desk.working_set),
        dependents=len(await desk.store.dependents(job.id, MOST_DEPENDENTS)),
        usage=measured[-1] if measured else None,
        seq=desk.timeline.head,
    )


async def _array(desk: Desk, job: Job) -> tuple[ArrayView | None, dict[str, int]]:
    """What a composite job stands for, and its members by state."""
    array = await desk.store.array(job.id) if is_composite(job) else None
    if array is None:
        return None, {}
    counts = await desk.store.array_counts([job.id])
    view = ArrayView(
        first=array.first, last=array.last, limit=array.limit, stop_after=array.stop_after
    )
    return view, dict(counts.get(job.id, {}))
