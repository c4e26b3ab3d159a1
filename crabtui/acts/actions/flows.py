"""What can be done to runs of workflows, and how they are looked at."""

from typing import Final

from crabtui.acts import flows
from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

FLOWS = Scope.FLOWS
FLOW = Scope.FLOW

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "pause_flow",
        "P",
        "pause",
        "Pause the run: nothing new of it starts (asks for a reason); or let it go on.",
        FLOWS,
        FLOW,
        why_not=flows.why_not_pause,
        rank=6,
    ),
    _a(
        "critical_path",
        "c",
        "critical",
        "Show only the tasks that say how long the whole takes; again: all.",
        FLOW,
        rank=3,
    ),
    _a(
        "flow_near",
        "plus equals_sign",
        "zoom",
        "Look nearer at the axis of time; 0 shows all of it.",
        FLOW,
    ),
    _a("flow_far", "minus underscore", "zoom out", "Look at more of the axis of time.", FLOW),
    _a("flow_back", "shift+left", "earlier", "Move to earlier times on the axis.", FLOW),
    _a("flow_on", "shift+right", "later", "Move to later times on the axis.", FLOW),
    _a("flow_all", "0", "all time", "Show all of the time that the run takes.", FLOW),
    _a("flow_jobs", "slash", "jobs", "Show the jobs of the run, in the Jobs view.", FLOW),
    _a(
        "pick_flow",
        "slash",
        "only",
        "Show only the runs of one workflow: pick its name.",
        FLOWS,
        rank=5,
    ),
)
