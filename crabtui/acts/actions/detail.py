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
    _a(
        "open_attempt",
        "enter",
        "its log",
        "Show the log of the attempt under the cursor.",
        Scope.ATTEMPTS,
        rank=1,
    ),
    _a(
        "open_artifact",
        "enter",
        "read",
        "Read the beginning of the file under the cursor.",
        Scope.ARTIFACTS,
        rank=1,
    ),
    _a("open_kin", "enter", "open", "Go to the job under the cursor.", Scope.KIN, rank=1),
    _a(
        "show_run",
        "",
        "run",
        "Show the run of a workflow that the job is, or is a task of.",
        DETAIL,
    ),
    _a("show_raw", "J", "json", "Show the job as JSON; y copies it.", DETAIL),
    _a("next_pane", "tab", "pane", "Go to the next pane.", DETAIL, Scope.ADMIN, rank=2),
    _a(
        "previous_pane",
        "shift+tab",
        "pane before",
        "Go to the pane before.",
        DETAIL,
        Scope.ADMIN,
    ),
)
