"""What can be done in a log."""

from typing import Final

from crabtui.acts.action import Action, only_looks
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

LOG = Scope.LOG

ACTIONS: Final[tuple[Action, ...]] = (
    _a("search", "slash", "search", "Search all of the log; /…/ is a regex.", LOG, rank=2),
    _a("next_match", "n", "next", "Go to the next match.", LOG, rank=3),
    _a("previous_match", "N", "previous", "Go to the match before.", LOG),
    _a("sift", "ampersand", "only matches", "Show only lines that match.", LOG, rank=4),
    _a("sift_around", "ctrl+g", "matches ±3", "The same, with three lines around.", LOG),
    _a("follow_log", "f", "follow", "Follow the log's end as it grows.", LOG, rank=1),
    _a("wrap", "W", "wrap", "Wrap long lines.", LOG, rank=5),
    _a("stamp", "t", "times", "Show when lines came, where that was seen.", LOG),
    _a("other_stream", "O", "out/err", "Show stderr instead of stdout, and back.", LOG, rank=6),
    _a("older_attempt", "less_than_sign", "attempt ←", "The attempt before.", LOG),
    _a("newer_attempt", "greater_than_sign", "attempt →", "The next attempt.", LOG),
    _a("open_line", "enter", "whole line", "Show all of a line: the match, or a cut one.", LOG),
    _a("copy_line", "y", "copy line", "Send that line to the terminal's clipboard.", LOG),
    _a("set_mark", "m", "mark", "Remember this line.", LOG),
    _a("go_to_mark", "apostrophe", "to mark", "Go to the remembered line, and back.", LOG),
    _a("full_log", "L", "full screen", "Show the log on the whole screen.", LOG, Scope.DETAIL),
    _a("save_log", "E", "save", "Save the log to a file.", LOG, why_not=only_looks),
    _a("page_log", "v", "pager", "Read the log in $PAGER.", LOG),
    _a("open_found", "enter", "open", "Go to the line in its log.", Scope.FOUND, rank=1),
)
