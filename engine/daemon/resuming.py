"""Resuming a workflow: what failed runs again, and what was skipped for it waits again."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial

from engine.daemon.whole_arrays import Act, InFlow, act_on_jobs, act_on_members
from engine.errors import EngineError, NotAllowed
from engine.ledger.contexts import AT_ONCE, pages_of
from engine.ledger.deciding import Refusal
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.policy.arrays.composite import is_composite
from engine.policy.workflows.following import is_spoiled
from engine.policy.workflows.resuming import await_again, resumable
from engine.store.protocol import Draft

TakeUp = Callable[[Collection[JobId]], Awaitable[None]]
"""Has composite jobs go on."""


def resuming(take_up: TakeUp) -> InFlow:
    """How the tasks of a flow are run again: never one that succeeded."""
    return partial(_resume, take_up)


async def _resume(take_up: TakeUp, act: Act, composite: Job) -> tuple[int, EngineError | None]:
    failed, skipped = await _ended(act, composite)
    if not failed and not skipped:
        what = "no task of it failed or was skipped"
        return 0, NotAllowed(f"#{composite.id}: {what}; there is nothing to take up again")
    await take_up({job.spec.whole for job in (*failed, *skipped) if job.spec.whole})
    changed, refusal = 0, None
    arrays = {job.id for job in failed if await _is_array(act, job)}
    for job in (one for one in failed if one.id in arrays):
        more, error = await act_on_members(act, job, None)
        changed, refusal = changed + more, refusal or error
    plain = [one for one in failed if one.id not in arrays]
    for begin in range(0, len(plain), AT_ONCE):
        for one in await act_on_jobs(act, plain[begin : begin + AT_ONCE]):
            if isinstance(one, Refusal):
                refusal = refusal or one.error
            else:
                changed += 1
    waiting = await _await_again(act, skipped)
    _tell(act, composite, changed, waiting)
    return changed + waiting, refusal


async def _is_array(act: Act, job: Job) -> bool:
    return is_composite(job) and await act.desk.store.array(job.id) is not None


async def _ended(act: Act, whole: Job) -> tuple[list[Job], list[Job]]:
    """Tasks that failed or were canceled, and those that were skipped; of inner flows too."""
    failed: list[Job] = []
    skipped: list[Job] = []
    store, left = act.desk.store, [whole.id]
    while left:
        flow = left.pop()
        async for page in pages_of(store, flow, await store.flow(flow)):
            for job in page:
                if job.now.state is State.SKIPPED:
                    skipped.append(job)
                if is_composite(job) and await store.flow(job.id) is not None:
                    left.append(job.id)
                if _is_to_run_again(job):
                    failed.append(job)
    return failed, skipped


def _is_to_run_again(job: Job) -> bool:
    """Whether it failed itself; a flow within is taken up with its tasks, if it has any."""
    code = job.now.trouble.code if job.now.trouble else ""
    if is_composite(job) and code == "tasks":
        return False
    return is_spoiled(job) or job.now.state is State.CANCELED


async def _await_again(act: Act, skipped: Sequence[Job]) -> int:
    """Have skipped tasks wait again for those that run again; how many do."""
    edges = {job.id: job.spec.constraints.edges for job in skipped}
    states = await _states(act, {e.on for some in edges.values() for e in some} - edges.keys())
    unmet = resumable(edges, states)
    by_id = {job.id: job for job in skipped}
    order = list(unmet)
    changed = 0
    for begin in range(0, len(order), AT_ONCE):
        some = [by_id[id_] for id_ in order[begin : begin + AT_ONCE]]
        changed += await _wait(act, some, unmet)
    return changed


async def _states(act: Act, ids: Collection[JobId]) -> dict[JobId, State]:
    found: dict[JobId, State] = {}
    order = sorted(ids)
    for begin in range(0, len(order), AT_ONCE):
        jobs = await act.desk.store.jobs(order[begin : begin + AT_ONCE])
        found |= {job.id: job.now.state for job in jobs}
    return found


async def _wait(act: Act, jobs: Sequence[Job], unmet: Mapping[JobId, int]) -> int:
    now_at, by = act.desk.clock.now(), act.caller.user
    done = await act.desk.ledger.act_on_all(
        jobs, lambda job: await_again(job, unmet[job.id], now_at, by), actor=by
    )
    return sum(isinstance(one, tuple) and one[0] is not one[1] for one in done)


def _tell(act: Act, composite: Job, again: int, waiting: int) -> None:
    act.desk.ledger.tell(
        Draft(
            type=EventType.WORKFLOW_RESUMED,
            job=composite.id,
            tenant=composite.spec.tenant,
            actor=act.caller.user,
            cause=f"{again} tasks run again, {waiting} that were skipped wait again",
        )
    )
