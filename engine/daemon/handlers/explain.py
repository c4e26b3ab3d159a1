"""`explain`: every gate between a job and its start."""

from dataclasses import replace

from engine.control.messages import Explain
from engine.control.views import Explanation
from engine.daemon.desk import Caller, Desk
from engine.errors import NotFound
from engine.ledger.lanes import is_grantable, lane_of
from engine.model.ids import JobId
from engine.model.job import Job
from engine.policy.explain import MOST_PLACES, explain


async def answer(desk: Desk, _: Caller, ask: Explain) -> Explanation:
    """Why a job does not start, by the predicates that decide it. Raises: NotFound."""
    job = await desk.store.job(JobId(ask.id))
    if job is None:
        raise NotFound(f"there is no job #{ask.id}", field="id")
    place = await _place(desk, job)
    snapshot = replace(
        desk.working_set.snapshot(desk.clock.now()), holders=desk.working_set.holders()
    )
    gates = explain(
        job,
        snapshot,
        await desk.store.dependencies(job.id),
        place,
        _head(desk, job) if place is not None else None,
    )
    return Explanation(
        job=job.id,
        state=job.now.state.value,
        gates=gates,
        place=place,
        seq=desk.timeline.head,
    )


async def _place(desk: Desk, job: Job) -> int | None:
    if not is_grantable(job):
        return None
    return 1 + await desk.store.before_in_lane(lane_of(job), job.id, MOST_PLACES)


def _head(desk: Desk, job: Job) -> Job | None:
    window = desk.working_set.lanes.windows.get(lane_of(job))
    return window.jobs[0] if window and window.jobs else None
