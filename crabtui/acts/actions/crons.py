"""What can be done to recurring work."""

from typing import Final

from crabtui.acts import crons
from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "pause_cron",
        "P",
        "pause",
        "Pause what recurs: no run of it starts; or let it go on.",
        Scope.CRONS,
        why_not=crons.why_not_cron,
        plan=crons.plan_pause,
        rank=1,
    ),
    _a(
        "run_cron",
        "r",
        "run now",
        "Submit a run of it now, beside its schedule.",
        Scope.CRONS,
        why_not=crons.why_not_cron,
        plan=crons.plan_run,
        rank=2,
    ),
)
