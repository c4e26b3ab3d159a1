"""What can be done in a log."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

LOG = Scope.LOG

ACTIONS: Final[tuple[Action, ...]] = (
    _a("search", "slash", "search", "Search the log.", LOG, rank=2),
    _a("next_match", "n", "next", "Go to the next match.", LOG, rank=3),
    _a("previous_match", "N", "previous", "Go to the match before.", LOG),
    _a("follow_log", "f", "follow", "Follow the log's end as it grows.", LOG, rank=1),
    _a("wrap", "W", "wrap", "Wrap long lines.", LOG, rank=4),
    _a("other_stream", "O", "out/err", "Show stderr instead of stdout, and back.", LOG, rank=5),
)
