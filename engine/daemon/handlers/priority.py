"""`priority`: change how urgent jobs are that have not started."""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.control.messages import SetPriority
from engine.control.views import Acted, Result
from engine.daemon.acts.targets import REPORTED, act_on
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec
from engine.model.job import Job
from engine.model.priority import Priority, parse_priority
from engine.policy.arrays.composite import reprioritise_whole
from engine.policy.jobs.change import Change
from engine.policy.jobs.steering import reprioritise


async def answer(desk: Desk, caller: Caller, ask: SetPriority) -> Acted:
    """Set a level, or move by some. Raises: InvalidSpec for no level, both, or none such."""
    if (ask.to is None) == (ask.raise_by == 0):
        raise InvalidSpec("say `to` which level, or `raise_by` how many", field="to")
    level = None if ask.to is None else parse_priority(ask.to)

    was: dict[int, Priority] = {}
    wholes: dict[int, Priority] = {}

    def target_of(job: Job) -> Priority:
        return job.now.priority.raised(ask.raise_by) if level is None else level

    def decide(job: Job) -> Change | None:
        change = reprioritise(job, target_of(job), caller.user)
        is_told = job.spec.array not in wholes and len(was) < REPORTED
        if is_told or job.id in was:
            was[job.id] = job.now.priority
        return change

    def decide_whole(job: Job) -> Change | None:
        wholes[job.id] = job.now.priority
        return reprioritise_whole(job, target_of(job), caller.user)

    acted = await act_on(desk, caller, ask.targets, decide, whole=decide_whole)
    was |= wholes
    results = tuple(_in_levels(one, was, level, ask.raise_by) for one in acted.results)
    return replace(acted, results=results)


def _in_levels(
    result: Result, was: Mapping[int, Priority], level: Priority | None, raise_by: int
) -> Result:
    """What became of a job, by its priorities instead of its states."""
    before = was.get(result.id) if isinstance(result.id, int) else None
    if not result.ok or before is None:
        return result
    after = before.raised(raise_by) if level is None else level
    _, found, members = (result.now or "").partition(" (")
    return replace(result, was=before.label, now=f"{after.label}{found}{members}")
