"""`usage`: what the attempts of a job used, over time."""

from collections.abc import Sequence

from engine.control.messages import ShowUsage
from engine.control.views import JobUsage, UsageView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import find_job, moment
from engine.model.attempt import Attempt
from engine.model.sight import Usage


async def answer(desk: Desk, _: Caller, ask: ShowUsage) -> JobUsage:
    """Each attempt that was measured. Raises: NotFound."""
    when = await moment(desk, ask.as_of)
    job = await find_job(when, ask.id)
    until_at = None if when.past is None else when.now_at
    return JobUsage(attempts=await used(desk, await when.reads.attempts(job.id), until_at))


async def used(
    desk: Desk, attempts: Sequence[Attempt], until_at: int | None = None
) -> tuple[UsageView, ...]:
    """What these attempts used, those left out of which nothing is known.

    Args:
        desk: Where it is kept.
        attempts: Of one job.
        until_at: What was measured later does not count; None: it does.
    """
    kept = await desk.store.samples([attempt.id for attempt in attempts])
    newest = desk.working_set.sights.usages
    found = []
    for attempt in attempts:
        points = list(kept.get(attempt.id, ()))
        last = newest.get(attempt.id)
        if last is not None and (not points or last.at > points[-1].at):
            points.append(last)
        if until_at is not None:
            points = [point for point in points if point.at <= until_at]
        if points:
            found.append(_view(attempt, points))
    return tuple(found)


def _view(attempt: Attempt, points: Sequence[Usage]) -> UsageView:
    held = [point.gpu_mb for point in points if point.gpu_mb is not None]
    return UsageView(
        attempt=attempt.id,
        worker_id=attempt.worker,
        cpu_ms=max(point.cpu_ms for point in points),
        peak_memory_mb=max(point.memory_mb for point in points),
        peak_processes=max(point.processes for point in points),
        peak_gpu_mb=max(held, default=None),
        samples=tuple(points),
    )
