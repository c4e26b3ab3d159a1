"""What works in a job's detail."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

DETAIL = Scope.DETAIL
WHY = Scope.WHY

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "what_if",
        "enter",
        "what if",
        "Preview the chosen what-if: who would start earlier or later; then it asks.",
        WHY,
        rank=1,
    ),
    _a("next_pane", "tab", "pane", "Go to the next pane.", DETAIL, rank=1),
    _a("previous_pane", "shift+tab", "pane before", "Go to the pane before.", DETAIL),
)
