"""What each act on queues would do, said before it is done: pure plans."""

import msgspec

from crabtui.acts.plan import Plan, why_not_act
from crabtui.acts.situation import Situation
from crabtui.acts.undo import limit_as_was, weight_as_was
from engine.control.messages import SetQueue
from engine.control.views import QueueView


def why_not_queue(now: Situation) -> str | None:
    """Why no queue may be changed now; None if one may."""
    return why_not_act(now) or (None if now.queue else "no queue here")


def plan_pause(name: str, *, pause: bool, why: str = "") -> Plan:
    """Pause or resume a queue."""
    return Plan(
        verb="paused" if pause else "resumed",
        title=f"{'Pause' if pause else 'Resume'} queue {name}?",
        request=SetQueue(name=name, pause=pause, why=why),
        effects=("nothing new starts from it; what runs goes on",) if pause else (),
        undo="resume" if pause else "pause",
    )


def plan_limit(name: str, limit: int | None) -> Plan:
    """Limit how many jobs of a queue run at once; None lifts the limit."""
    return Plan(
        verb=f"limited to {limit}" if limit is not None else "without a limit",
        title=f"Limit queue {name}?",
        request=SetQueue(name=name, limit=limit, no_limit=limit is None),
        effects=("what runs above it goes on",),
        undo="limit",
    )


def plan_weight(queue: QueueView, weight: int) -> Plan:
    """Change a queue's share of starts against the other queues."""
    return Plan(
        verb=f"weight {weight}",
        title=f"Weight of queue {queue.name}?",
        request=SetQueue(name=queue.name, weight=weight),
        back=weight_as_was(queue),
    )


def plan_reset(now: Situation) -> Plan:
    """Limit and weight of a queue as the configuration says again."""
    queue = now.queue
    assert queue is not None
    return Plan(
        verb="reset",
        title=f"Reset queue {queue.name}?",
        request=SetQueue(name=queue.name, reset=True),
        effects=("limit and weight as the configuration says again",),
        confirm=True,
        back=_as_was(queue),
    )


def _as_was(queue: QueueView) -> SetQueue:
    limit, weight = limit_as_was(queue), weight_as_was(queue)
    unset = (*limit.unset, *weight.unset)
    return msgspec.structs.replace(limit, weight=weight.weight, unset=unset)
