"""`check`: the daemon looks at its own house."""

from engine.control.messages import Check
from engine.control.views import Checked
from engine.daemon.desk import Caller, Desk


async def answer(desk: Desk, _: Caller, __: Check) -> Checked:
    """What is wrong, in sentences, and what is only to be known."""
    problems = await desk.store.check()
    told = [
        f"worker {name}: {text}" for name in desk.fleet for text in desk.fleet.heard_of(name)
    ]
    trouble = [desk.trouble] if desk.trouble else []
    warnings = tuple(desk.fleet.shared_hosts())
    broke = [one.text for one in desk.setbacks.recent()]
    return Checked(problems=(*trouble, *broke, *problems, *told), warnings=warnings)
