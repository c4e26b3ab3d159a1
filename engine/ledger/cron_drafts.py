"""What is told of schedules: the events of what was missed, left out or changed."""

from engine.model.cron import Cron
from engine.model.events import EventType
from engine.policy.crons.firing import Plan
from engine.store.units import Draft


def drafts(plan: Plan) -> list[Draft]:
    """What is told of a plan."""
    cron = plan.cron
    told = [left_out(cron, at, why) for at, why in plan.left_out]
    if plan.missed:
        data: dict[str, object] = {
            "cron": cron.name,
            "missed": len(plan.missed),
            "first_at": plan.missed[0],
            "last_at": plan.missed[-1],
            "made_up": plan.made_up,
        }
        runs = "1 run" if len(plan.missed) == 1 else f"{len(plan.missed):,} runs"
        cause = f"{cause_of(cron)}: {runs} missed, {plan.made_up} made up"
        told.insert(0, Draft(type=EventType.CRON_MISSED, cause=cause, data=data))
    return told


def left_out(cron: Cron, at: int, why: str) -> Draft:
    """What is told of a run that is not started."""
    data: dict[str, object] = {"cron": cron.name, "at": at}
    return Draft(type=EventType.CRON_SKIPPED, cause=f"{cause_of(cron)}: {why}", data=data)


def named(cron: Cron) -> dict[str, object]:
    """The data of an event about a schedule."""
    return {"cron": cron.name}


def cause_of(cron: Cron) -> str:
    """How a cause names it."""
    return f"cron `{cron.name}`"
