"""Resuming a workflow: what failed runs again, and what was skipped for it waits again."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from engine.control.messages import Wait
from engine.daemon.acts.whole_arrays import Act, InFlow
from engine.errors import EngineError, KeyTaken, NotAllowed, StaleLease
from engine.ledger.attempts.contexts import AT_ONCE, pages_of
from engine.ledger.deciding import Done, Refusal
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL, State
from engine.model.workflow import Edge
from engine.policy.arrays.composite import FAILURES, is_composite, reopen
from engine.policy.jobs.change import Change
from engine.policy.workflows.following import is_spoiled
from engine.policy.workflows.resuming import await_again, behind, resumable
from engine.store.protocol import Draft

TakeUp = Callable[[Collection[JobId], Collection[JobId]], Awaitable[None]]
"""Has composite jobs go on, but leaves it to the caller to reopen some of them."""

MOST_TOGETHER = 10_000
"""Tasks that are taken up with one commit; of more, those that failed come first."""

TRIES = 20

STOPPING_MS: Final = 60_000
"""How long canceled tasks that are still being stopped are waited for."""


@dataclass(slots=True)
class Ended:
    """What of a run can be taken up again."""

    again: list[Job] = field(default_factory=list)
    """Failed, or canceled."""
    stopping: list[JobId] = field(default_factory=list)
    """Canceled, but they have not ended yet."""
    skipped: list[Job] = field(default_factory=list)
    parents: set[JobId] = field(default_factory=set)
    """Composite jobs that have tasks or members."""
    arrays: set[JobId] = field(default_factory=set)


def resuming(take_up: TakeUp) -> InFlow:
    """How the tasks of a flow are run again: never one that succeeded."""
    return partial(_resume, take_up)


async def _resume(take_up: TakeUp, act: Act, composite: Job) -> tuple[int, EngineError | None]:
    await _until_stopped(act, composite)
    for _ in range(TRIES):
        ended = await _ended(act, composite)
        if not ended.again and not ended.skipped:
            break
        try:
            return await _take_up(take_up, act, composite, ended)
        except StaleLease:  # a task of it has moved meanwhile
            continue
    else:
        raise StaleLease(f"#{composite.id}: its tasks are moving all the time; try again")
    what = "no task of it failed or was skipped"
    return 0, NotAllowed(f"#{composite.id}: {what}; there is nothing to take up again")


async def _until_stopped(act: Act, composite: Job) -> None:
    """Let tasks that were canceled end first: what waits for them is skipped by that."""
    from engine.daemon.handlers import wait

    ids = tuple((await _ended(act, composite)).stopping)
    for begin in range(0, len(ids), wait.MOST):
        some = Wait(ids=ids[begin : begin + wait.MOST], timeout_ms=STOPPING_MS)
        await wait.answer(act.desk, act.caller, some)


async def _ended(act: Act, whole: Job) -> Ended:
    """Tasks that can be taken up again, and all of that kind within them.

    What never got tasks, since they could not be made, is one of them itself.
    """
    store, found, left = act.desk.store, Ended(), [whole.id]
    while left:
        flow = left.pop()
        async for page in pages_of(store, flow, await store.flow(flow)):
            found.parents.add(flow)
            for job in page:
                _sort(found, job)
                if is_composite(job) and _may_hold_some(job):
                    left.append(job.id)
                    if await store.array(job.id) is not None:
                        found.arrays.add(job.id)
    if whole.id not in found.parents:
        _sort(found, whole)
    return found


def _sort(found: Ended, job: Job) -> None:
    if job.now.state is State.SKIPPED:
        found.skipped.append(job)
    elif job.now.state not in FINAL and job.now.cancel_by and not is_composite(job):
        found.stopping.append(job.id)
    elif is_spoiled(job) or job.now.state is State.CANCELED:
        found.again.append(job)


def _may_hold_some(job: Job) -> bool:
    """Whether tasks within it may be taken up: not if its end was good enough."""
    is_settled = job.now.state in FAILURES and not is_spoiled(job)
    return job.now.state is not State.SUCCEEDED and not is_settled


async def _take_up(
    take_up: TakeUp, act: Act, composite: Job, ended: Ended
) -> tuple[int, EngineError | None]:
    unmet = await _unmet(act, ended)
    by_id = {job.id: job for job in (*ended.again, *ended.skipped)}
    jobs = [by_id[id_] for id_ in unmet]
    if not jobs:
        what = "what was skipped waits for what will not come"
        return 0, NotAllowed(f"#{composite.id}: {what}; there is nothing to take up again")
    wholes = {job.spec.whole for job in jobs if job.spec.whole} | {composite.id}
    await take_up(wholes | {job.id for job in jobs if job.id in ended.parents}, unmet.keys())
    await _know_arrays(act, ended.arrays & unmet.keys())
    done = await _act_on(act, jobs, partial(_again, act, ended, unmet))
    changed = sum(isinstance(one, tuple) and one[0] is not one[1] for one in done)
    refusals = (one.error for one in done if isinstance(one, Refusal))
    _tell(act, composite, len(ended.again), changed - len(ended.again))
    return changed, next(refusals, None)


async def _know_arrays(act: Act, arrays: Collection[JobId]) -> None:
    """The limits of arrays hold from the first member on that runs again."""
    counts = await act.desk.store.array_counts(sorted(arrays))
    for id_ in arrays:
        array = await act.desk.store.array(id_)
        if array is not None:
            act.desk.working_set.take_up(array, counts.get(id_, {}))


async def _act_on(
    act: Act, jobs: Sequence[Job], decide: Callable[[Job], Change | None]
) -> Sequence[Done]:
    """All with one commit, unless they are too many or one cannot. Raises: StaleLease."""
    ledger, actor = act.desk.ledger, act.caller.user
    if len(jobs) > MOST_TOGETHER:
        first = sorted(jobs, key=lambda job: job.now.state is State.SKIPPED)
        return await ledger.act_on_all(first, decide, actor=actor)
    try:
        return await ledger.act_together(jobs, decide, actor=actor)
    except KeyTaken:
        return await ledger.act_on_all(jobs, decide, actor=actor)


def _again(act: Act, ended: Ended, unmet: Mapping[JobId, int], job: Job) -> Change | None:
    now_at = act.desk.clock.now()
    if job.now.state not in FINAL or job.now.state is State.SUCCEEDED:
        return None
    if job.now.state is State.SKIPPED:
        return await_again(job, unmet[job.id], now_at, act.caller.user)
    if job.id in ended.parents:
        return behind(reopen(job, {}, now_at), unmet[job.id])
    return behind(act.decide(job), unmet[job.id])


async def _unmet(act: Act, ended: Ended) -> Mapping[JobId, int]:
    """How many of its dependencies are not met, by task that is taken up."""
    again, skipped = _edges(ended.again), _edges(ended.skipped)
    own = again.keys() | skipped.keys()
    on = {edge.on for edges in (*again.values(), *skipped.values()) for edge in edges}
    return resumable(again, skipped, await _states(act, on - own))


def _edges(jobs: Sequence[Job]) -> dict[JobId, Sequence[Edge]]:
    return {job.id: job.spec.constraints.edges for job in jobs}


async def _states(act: Act, ids: Collection[JobId]) -> dict[JobId, State]:
    found: dict[JobId, State] = {}
    order = sorted(ids)
    for begin in range(0, len(order), AT_ONCE):
        jobs = await act.desk.store.jobs(order[begin : begin + AT_ONCE])
        found |= {job.id: job.now.state for job in jobs}
    return found


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
