"""`cancel`: end jobs, or take an end back that is still in its grace."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from engine.control.messages import Cancel, Uncancel
from engine.control.views import Acted
from engine.daemon.acts.targets import act_on
from engine.daemon.desk import Caller, Desk
from engine.model.job import Job
from engine.policy.arrays.composite import cancel_whole, uncancel_whole
from engine.policy.jobs.steering import cancel, uncancel


async def answer(desk: Desk, caller: Caller, ask: Cancel) -> Acted:
    """Cancel jobs: what waits is gone at once (or after its grace), what runs is stopped."""
    now_at, undo_ms = desk.clock.now(), max(ask.undo_ms, 0)
    asked: dict[str, Any] = {"now_at": now_at, "by": caller.user, "why": ask.why}
    return await act_on(
        desk,
        caller,
        ask.targets,
        partial(cancel, **asked, undo_ms=undo_ms),
        partial(_stop, desk, is_kill=ask.kill),
        whole=partial(cancel_whole, **asked, undo_ms=undo_ms),
    )


async def _stop(desk: Desk, jobs: Sequence[Job], *, is_kill: bool) -> None:
    """Tell the hosts. Saying it again changes nothing, but KILL may follow TERM."""
    for job in jobs:
        live = desk.working_set.live.by_job.get(job.id)
        if live is not None and job.now.stopping:
            await desk.attempts.stop(live, is_kill=is_kill)


async def withdraw(desk: Desk, caller: Caller, ask: Uncancel) -> Acted:
    """Take back cancels whose grace is not over."""
    by = caller.user
    return await act_on(
        desk,
        caller,
        ask.targets,
        partial(uncancel, by=by),
        whole=partial(uncancel_whole, by=by),
    )
