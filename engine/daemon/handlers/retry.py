"""`retry`: run ended jobs again, or waiting retries at once."""

from functools import partial

from engine.control.messages import Retry
from engine.control.views import Acted
from engine.daemon.acts.reopening import reopening
from engine.daemon.acts.targets import act_on
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.resuming import resuming
from engine.daemon.intake.judged import judged
from engine.policy.jobs.steering import revive


async def answer(desk: Desk, caller: Caller, ask: Retry) -> Acted:
    """Same id, next attempt."""
    caller.must_act()
    again = partial(revive, now_at=desk.clock.now(), by=caller.user)
    with reopening(desk, caller, again) as arrays:
        decide = judged(desk, arrays.decide)
        return await act_on(
            desk,
            caller,
            ask.targets,
            decide,
            before=arrays.take_up,
            flow=resuming(arrays.take_up_wholes),
        )
