"""`clone`: a copy of a past or present job, with some things changed."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from engine.control.messages import Clone
from engine.control.views import Submitted
from engine.daemon.desk import Caller, Desk
from engine.errors import NotAllowed
from engine.ledger.attempts.contexts import Contexts
from engine.ledger.rows.flows import group_of
from engine.model.ids import JobId
from engine.model.intake.changes import changed
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.editing import present_spec
from engine.policy.workflows.late import filled


async def answer(desk: Desk, caller: Caller, ask: Clone) -> Submitted:
    """Submit a copy. Raises: NotFound, InvalidSpec, NotAllowed, NotAdmitted."""
    caller.must_act()
    with desk.reception.judging(caller.user, 1):
        job = await desk.ledger.find(JobId(ask.id))
        around = await desk.store.surroundings(job.surroundings)
        said = await Contexts(desk.store).context(job, "")
        spec = _copied(desk, caller, ask, job, around.cwd, said)
    return await desk.reception.submit_spec(
        spec, job.surroundings, user=caller.user, request_key=ask.request_key
    )


def _copied(
    desk: Desk,
    caller: Caller,
    ask: Clone,
    job: Job,
    cwd: str,
    said: Mapping[str, Any] | None,
) -> JobSpec:
    """The spec of the copy. Raises: InvalidSpec, NotAllowed.

    That of a task is a job of its own, with the results filled in that the task was given.
    """
    if is_composite(job):
        raise NotAllowed(f"#{job.id} stands for others; submit it again, or clone one of them")
    spec = present_spec(job)
    if said is not None:
        spec = _alone(filled(spec, said))
    spec = _fresh(spec, caller.user)
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


def _alone(spec: JobSpec) -> JobSpec:
    """A task as a job outside of its workflow."""
    rules = spec.constraints
    if spec.flow is not None and rules.concurrency_group == group_of(spec.flow):
        rules = replace(rules, concurrency_group=None, max_concurrent_in_group=1)
    return replace(
        spec,
        flow=None,
        task="",
        item=UNSET,
        fallback=None,
        spare="",
        tolerated=False,
        wants_result=False,
        constraints=rules,
    )
