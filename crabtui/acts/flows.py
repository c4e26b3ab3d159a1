"""What pausing a run of a workflow would do, said before it is done."""

from crabtui.acts.plan import Plan, why_not_act
from crabtui.acts.situation import Situation
from engine.control.messages import Hold, Release, Targets
from engine.control.views import FlowView
from engine.model.states import FINAL


def why_not_pause(now: Situation) -> str | None:
    """Why no run may be paused now; None if one may."""
    reason = why_not_act(now)
    if reason or now.flow is None:
        return reason or "no run here"
    if now.flow.state in FINAL:
        return f"run #{now.flow.id} has ended: {now.flow.state}"
    return None


def plan_pause_flow(flow: FlowView, *, pause: bool, why: str = "") -> Plan:
    """Nothing new of a run starts, or it goes on."""
    targets = Targets(ids=(flow.id,))
    if not pause:
        return Plan(
            verb="resumed",
            title=f"Resume #{flow.id} {flow.name}?",
            request=Release(targets=targets),
            undo="hold",
        )
    return Plan(
        verb="paused",
        title=f"Pause #{flow.id} {flow.name}?",
        request=Hold(targets=targets, why=why),
        effects=("nothing new of it starts; what runs goes on",),
        undo="release",
    )
