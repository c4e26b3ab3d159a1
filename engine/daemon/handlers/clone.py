"""`clone`: a copy of a past or present job, with some things changed."""

from msgspec.structs import replace

from engine.control.messages import Clone
from engine.control.views import Submitted
from engine.daemon.desk import Caller, Desk
from engine.errors import NotAllowed
from engine.model.ids import JobId
from engine.model.intake.changes import changed
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.editing import present_spec


async def answer(desk: Desk, caller: Caller, ask: Clone) -> Submitted:
    """Submit a copy. Raises: NotFound, InvalidSpec, NotAllowed, NotAdmitted."""
    caller.must_act()
    with desk.reception.judging(caller.user, 1):
        job = await desk.ledger.find(JobId(ask.id))
        around = await desk.store.surroundings(job.surroundings)
        spec = _copied(desk, caller, ask, job, around.cwd)
    return await desk.reception.submit_spec(
        spec, job.surroundings, user=caller.user, request_key=ask.request_key
    )


def _copied(desk: Desk, caller: Caller, ask: Clone, job: Job, cwd: str) -> JobSpec:
    """The spec of the copy. Raises: InvalidSpec, NotAllowed."""
    if is_composite(job):
        raise NotAllowed(f"#{job.id} is an array; submit it again, or clone one of its members")
    spec = _fresh(present_spec(job), caller.user)
    return changed(spec, ask.changes, cwd=cwd, now_at=desk.clock.now())


def _fresh(spec: JobSpec, user: str) -> JobSpec:
    """What of a spec a copy takes over: not its key, trace, times, or place in an array."""
    rules = replace(spec.constraints, not_before_at=None, deadline_at=None)
    return replace(
        spec,
        owner=user,
        key=None,
        trace_id="",
        span_id="",
        parent_id=None,
        array=None,
        array_index=None,
        held=False,
        constraints=rules,
    )
