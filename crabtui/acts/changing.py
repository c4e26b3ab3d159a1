"""What an edit and a clone of jobs would do, said before it is done: pure plans."""

from typing import Any

from crabtui.acts.jobs import has_begun, on_jobs, only, reach
from crabtui.acts.plan import Plan
from crabtui.acts.situation import Situation, objects
from engine.control.messages import Clone, Edit
from engine.model.states import WAITING


def _begun(now: Situation) -> str | None:
    if now.where is None and all(map(has_begun, now.jobs)):
        return "only jobs that have not started can be edited; clone makes a new one"
    return None


def _many(now: Situation) -> str | None:
    return None if only(now) is not None else "one job at a time can be cloned"


why_not_edit = on_jobs(why_not=_begun)
why_not_clone = on_jobs(why_not=_many)


def plan_edit(now: Situation, changes: dict[str, Any]) -> Plan:
    """Change jobs that have not started."""
    count = reach(now, WAITING)
    told = ", ".join(
        f"{key} = {'its default' if to is None else to}" for key, to in changes.items()
    )
    return Plan(
        verb=f"edited: {told}",
        title=f"Edit {objects(now)}?",
        request=Edit(targets=now.targets, changes=changes),
        effects=(told, "jobs that have started are left alone; u does not undo this"),
        confirm=True,
        count=count,
    )


def plan_clone(now: Situation, changes: dict[str, Any]) -> Plan:
    """Submit a copy of one job; canceling the copy takes it back."""
    job = now.jobs[0].id
    return Plan(
        verb=f"submitted, a clone of #{job}",
        title=f"Clone {objects(now)}?",
        request=Clone(id=job, changes=changes),
        undo="cancel",
    )
