"""`hold` and `release`: keep jobs from starting, and let them go again."""

from functools import partial

from engine.control.messages import Hold, Release
from engine.control.views import Acted
from engine.daemon.desk import Caller, Desk
from engine.daemon.targets import act_on
from engine.policy.steering import hold, release


async def answer(desk: Desk, caller: Caller, ask: Hold) -> Acted:
    """Put jobs on hold."""
    return await act_on(desk, caller, ask.targets, partial(hold, by=caller.user, why=ask.why))


async def let_go(desk: Desk, caller: Caller, ask: Release) -> Acted:
    """Take jobs off hold."""
    return await act_on(desk, caller, ask.targets, partial(release, by=caller.user))
