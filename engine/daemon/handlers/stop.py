"""`stop`: end the daemon; jobs go on."""

import contextlib
from typing import Final

from engine.control.messages import Stop
from engine.control.views import Done
from engine.daemon.desk import Caller, Desk

WRITTEN_IN_S: Final = 2.0
"""How long the account of it is waited for: a full disk keeps no daemon alive."""


async def answer(desk: Desk, caller: Caller, ask: Stop) -> Done:
    """Begin to end. The connection closes when it is done, with the process."""
    caller.must_act()
    account = desk.accounts.open(caller, ask)
    account.changed = 1
    with contextlib.suppress(TimeoutError):
        await desk.clock.within(WRITTEN_IN_S, desk.accounts.close(account))
    caller.sees_us_off = True
    desk.stopping.set()
    return Done()
