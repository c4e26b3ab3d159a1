"""`check`: the daemon looks at its own house."""

from engine.control.messages import Check
from engine.control.views import Checked
from engine.daemon.desk import Caller, Desk


async def answer(desk: Desk, _: Caller, __: Check) -> Checked:
    """What is wrong, in sentences."""
    problems = await desk.store.check()
    warnings = [text for name in desk.fleet for text in desk.fleet.told_of(name)]
    trouble = [desk.trouble] if desk.trouble else []
    return Checked(problems=(*trouble, *problems, *warnings))
