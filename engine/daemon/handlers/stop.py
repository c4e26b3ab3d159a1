"""`stop`: end the daemon; jobs go on."""

from engine.control.messages import Stop
from engine.control.views import Done
from engine.daemon.desk import Caller, Desk


async def answer(desk: Desk, caller: Caller, ask: Stop) -> Done:
    """Begin to end. The connection closes when it is done, with the process."""
    caller.must_act()
    account = desk.accounts.open(caller, ask)
    account.changed = 1
    await desk.accounts.close(account)
    caller.sees_us_off = True
    desk.stopping.set()
    return Done()
