"""`hold` and `release`: keep jobs from starting, and let them go again."""

from functools import partial

from engine.control.messages import Hold, Release
from engine.control.views import Acted
from engine.daemon.acts.targets import act_on
from engine.daemon.desk import Caller, Desk
from engine.policy.arrays.composite import hold_whole
from engine.policy.jobs.steering import hold, release


async def answer(desk: Desk, caller: Caller, ask: Hold) -> Acted:
    """Put jobs on hold."""
    by, why = caller.user, ask.why
    return await act_on(
        desk,
        caller,
        ask.targets,
        partial(hold, by=by, why=why),
        whole=partial(hold_whole, by=by, why=why),
    )


async def let_go(desk: Desk, caller: Caller, ask: Release) -> Acted:
    """Take jobs off hold."""
    let_go = partial(release, by=caller.user)
    return await act_on(desk, caller, ask.targets, let_go, whole=let_go)
