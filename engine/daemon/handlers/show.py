"""`show`: everything about one job."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from engine.control.messages import ShowJob
from engine.control.views import ArrayView, AttemptView, JobDetail, UsageView
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.usage import used
from engine.daemon.past.moment import find_job, moment
from engine.daemon.pictures.rendering import attempt_view, job_view, rows
from engine.daemon.pictures.usual import usual_times
from engine.model.job import Job
from engine.model.workflow import After
from engine.policy.arrays.composite import is_composite
from engine.store.moments import Reads

MOST_DEPENDENTS: Final = 1000
"""Dependents are counted up to this."""
MOST_FOLLOWERS: Final = 20


async def answer(desk: Desk, _: Caller, ask: ShowJob) -> JobDetail:
    """A job, its attempts and its dependencies. Raises: NotFound."""
    when = await moment(desk, ask.as_of)
    reads = when.reads
    job = await find_job(when, ask.id)
    worker = desk.working_set.workers.get(job.now.worker or "")
    array, counts = await _array(reads, job)
    attempts = await reads.attempts(job.id)
    measured = await used(desk, attempts, None if when.past is None else when.now_at)
    followers = await reads.followers(job.id, MOST_FOLLOWERS)
    by_attempt = {usage.attempt: usage for usage in measured}
    return JobDetail(
        job=job_view(job, worker.backend if worker else None),
        members=counts,
        array=array,
        attempts=tuple(_measured(attempt_view(one, job), by_attempt) for one in attempts),
        depends_on=rows(await reads.dependencies(job.id), when.working_set),
        dependents=len(await reads.dependents(job.id, MOST_DEPENDENTS)),
        followers=rows(followers, when.working_set),
        after=_after(job),
        awaited={each.id: how for each in followers if (how := _after(each).get(job.id))},
        usual=await usual_times(desk, job) if when.past is None else None,
        usage=measured[-1] if measured else None,
        seq=when.seq,
    )


def _measured(attempt: AttemptView, by_attempt: Mapping[str, UsageView]) -> AttemptView:
    usage = by_attempt.get(attempt.id)
    if usage is None:
        return attempt
    return replace(attempt, peak_memory_mb=usage.peak_memory_mb, cpu_ms=usage.cpu_ms)


async def _array(reads: Reads, job: Job) -> tuple[ArrayView | None, dict[str, int]]:
    """What a composite job stands for, and its members by state."""
    if not is_composite(job):
        return None, {}
    counts = dict((await reads.array_counts([job.id])).get(job.id, {}))
    array = await reads.array(job.id)
    if array is None:
        return None, counts
    view = ArrayView(
        first=array.first, last=array.last, limit=array.limit, stop_after=array.stop_after
    )
    return view, counts


def _after(job: Job) -> dict[int, str]:
    """How the jobs that it depends on have to end, where that is not with success."""
    edges = job.spec.constraints.edges
    return {edge.on: edge.after.value for edge in edges if edge.after is not After.SUCCESS}
