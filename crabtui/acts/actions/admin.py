"""What the Admin view adds, and what is about the console itself."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "admin_open",
        "enter",
        "open",
        "Change the look, or read the receipt.",
        Scope.AUDIT,
        Scope.LOOKS,
        rank=1,
    ),
    _a("settings", "comma", "settings", "Change how the console looks and behaves."),
    _a("contexts", "at", "context", "Look at another place with a daemon; @@: who did what."),
    _a("audit", "", "who did what", "Show the newest acts, and what became of each."),
    _a("halt", "", "halt", "Have acts on many that go on leave the rest alone."),
)
