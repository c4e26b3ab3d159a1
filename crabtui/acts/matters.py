"""Saying that somebody knows of a matter, and taking it back."""

from crabtui.acts.plan import Plan, why_not_act
from crabtui.acts.situation import Situation
from engine.control.messages import Acknowledge


def no_matter(now: Situation) -> str | None:
    """Why there is nothing to go to."""
    return None if now.matter or now.queue or now.worker else "nothing wants attention here"


def why_not_acknowledge(now: Situation) -> str | None:
    """Why nothing can be acknowledged now; None if it can."""
    return why_not_act(now) or (None if now.matter else "nothing wants attention here")


def plan_acknowledge(now: Situation) -> Plan:
    """Have the matter here stand below the others for an hour; again: not any more."""
    matter = now.matter
    assert matter is not None
    is_known = bool(matter.acknowledged_by)
    return Plan(
        verb="not acknowledged any more" if is_known else "acknowledged for 1 h",
        title=f"Acknowledge {matter.subject}?",
        request=Acknowledge(key=matter.key, undo=is_known),
        back=Acknowledge(key=matter.key, undo=not is_known),
    )
