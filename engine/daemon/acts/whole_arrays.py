"""Wholes: what is done to a composite job is done to its members, or to its tasks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from engine.control.views import Result
from engine.daemon.acts.account import Account
from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError
from engine.ledger.attempts.contexts import pages_of
from engine.ledger.deciding import Decide, Done, Refusal
from engine.ledger.ledger import SOME
from engine.model.job import Job
from engine.model.states import FINAL
from engine.model.workflow import Flow
from engine.policy.arrays.composite import is_composite

AT_ONCE = SOME
"""Members that are acted on before others get a turn."""

Then = Callable[[Sequence[Job]], Awaitable[None]]
"""Something to be done about jobs besides."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody wants done."""

    desk: Desk
    caller: Caller
    decide: Decide
    """What becomes of a job."""
    then: Then | None
    """Given the jobs to which something was done, as they are now."""
    whole: Decide | None
    """What becomes of a composite job itself, before its members; None: nothing."""
    before: Then | None = None
    """Given jobs before it is done to them."""
    flow: "InFlow | None" = None
    """How it is done to the tasks of a flow, if that is not as to any other jobs."""


InFlow = Callable[[Act, Job], Awaitable[tuple[int, EngineError | None]]]


async def act_on_jobs(
    act: Act, jobs: Sequence[Job], closing: Account | None = None
) -> list[Done]:
    """Do it to jobs that are no arrays; for each, in order: before and after, or why not.

    If these are all that the act is for, `closing` is its account, and written with it.
    """
    if act.before is not None:
        await act.before(jobs)
    done = await act.desk.ledger.act_on_all(
        jobs, act.decide, actor=act.caller.user, closing=closing
    )
    if act.then is not None:
        await act.then([one[1] for one in done if not isinstance(one, Refusal)])
    return done


async def act_on_whole(act: Act, composite: Job) -> Result:
    """Do it to the members or tasks, and say in one result how many it changed."""
    desk, was = act.desk, standing(composite)
    if act.whole is not None:
        [done] = await desk.ledger.act_on_all([composite], act.whole, actor=act.caller.user)
        if isinstance(done, Refusal):
            return _refused(composite, done.error)
    flow = await desk.store.flow(composite.id)
    if flow is not None and act.flow is not None:
        changed, refusal = await act.flow(act, composite)
    else:
        changed, refusal = await act_on_members(act, composite, flow)
    await desk.arrays.settle([composite.id])
    await desk.flows.settle([composite.id])
    now = await desk.ledger.find(composite.id)
    if not changed and now.now == composite.now and refusal is not None:
        return _refused(composite, refusal)
    said = _members(changed) if flow is None else _tasks(changed)
    return Result(id=composite.id, ok=True, was=was, now=f"{standing(now)} ({said})")


async def act_on_members(
    act: Act, composite: Job, flow: Flow | None
) -> tuple[int, EngineError | None]:
    """How many were changed, and why the first of the others was not."""
    changed, refusal = 0, None
    async for page in pages_of(act.desk.store, composite.id, flow):
        plain = [job for job in page if not is_composite(job)]
        for inner in (job for job in page if is_composite(job)):
            more, error = await _act_on_inner(act, inner)
            changed, refusal = changed + more, refusal or error
        for one in await act_on_jobs(act, plain):
            if isinstance(one, Refusal):
                refusal = refusal or one.error
            else:
                changed += one[0] is not one[1]
    return changed, refusal


async def _act_on_inner(act: Act, inner: Job) -> tuple[int, EngineError | None]:
    """The same for a task that has tasks or members of its own."""
    if inner.now.state in FINAL and act.whole is not None:
        return 0, None
    if act.whole is not None:
        await act.desk.ledger.act_on_all([inner], act.whole, actor=act.caller.user)
    done = await act_on_members(act, inner, await act.desk.store.flow(inner.id))
    await act.desk.arrays.settle([inner.id])
    await act.desk.flows.settle([inner.id])
    return done


def _refused(composite: Job, error: EngineError) -> Result:
    state = composite.now.state.value
    return Result(id=composite.id, ok=False, was=state, error=error.message)


def _tasks(changed: int) -> str:
    return "1 task" if changed == 1 else f"{changed} tasks"


def _members(changed: int) -> str:
    return "1 member" if changed == 1 else f"{changed} members"


def standing(job: Job) -> str:
    """The state of a job in the words of receipts, with its marks."""
    now = job.now
    marks = [
        mark
        for mark, is_set in (
            ("stopping", now.stopping),
            ("canceling", now.cancel_at is not None),
            ("held", now.held_by is not None),
            ("paused", now.paused_at is not None),
        )
        if is_set
    ]
    return ", ".join([now.state.value, *marks])
