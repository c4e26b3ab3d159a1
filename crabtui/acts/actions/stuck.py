"""What the Stuck view adds."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

STUCK = Scope.STUCK

ACTIONS: Final[tuple[Action, ...]] = (
    _a("show_group", "slash", "jobs", "Show the jobs that wait for this.", STUCK, rank=6),
)
