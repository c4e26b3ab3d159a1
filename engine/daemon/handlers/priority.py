"""`priority`: change how urgent jobs are that have not started."""

from engine.control.messages import SetPriority
from engine.control.views import Acted
from engine.daemon.desk import Caller, Desk
from engine.daemon.targets import act_on
from engine.errors import InvalidSpec
from engine.model.job import Job
from engine.model.priority import parse_priority
from engine.policy.change import Change
from engine.policy.composite import reprioritise_whole
from engine.policy.steering import reprioritise


async def answer(desk: Desk, caller: Caller, ask: SetPriority) -> Acted:
    """Set a level, or move by some. Raises: InvalidSpec for no level, both, or none such."""
    if (ask.to is None) == (ask.raise_by == 0):
        raise InvalidSpec("say `to` which level, or `raise_by` how many", field="to")
    level = None if ask.to is None else parse_priority(ask.to)

    def decide(job: Job) -> Change | None:
        target = job.now.priority.raised(ask.raise_by) if level is None else level
        return reprioritise(job, target, caller.user)

    def decide_whole(job: Job) -> Change | None:
        target = job.now.priority.raised(ask.raise_by) if level is None else level
        return reprioritise_whole(job, target, caller.user)

    return await act_on(desk, caller, ask.targets, decide, whole=decide_whole)
