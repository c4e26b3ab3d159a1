"""What can be done in the Pulse view."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.matters import no_matter, plan_acknowledge, why_not_acknowledge
from crabtui.acts.situation import Scope

PULSE = Scope.PULSE

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "open_here",
        "enter",
        "open",
        "Go to what the matter, queue or worker under the cursor is about.",
        PULSE,
        rank=1,
        why_not=no_matter,
    ),
    _a(
        "acknowledge",
        "A",
        "ack 1h",
        "Say that you know of it: it stands below the others for an hour; again: undo.",
        PULSE,
        why_not=why_not_acknowledge,
        plan=plan_acknowledge,
        rank=2,
    ),
    _a("pick_range", "t", "range", "Pick how far back is shown.", PULSE, rank=3),
)
