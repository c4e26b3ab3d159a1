"""What works everywhere."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a

ACTIONS: Final[tuple[Action, ...]] = (
    _a("undo", "u", "undo", "Take back the last act, while that is possible."),
    _a("cancel_now", "U", "cancel now", "End the grace of canceled jobs: cancel now."),
    _a("menu", "a", "actions", "All actions for the selection, with their effects.", rank=8),
    _a("command", "colon", "command", "Open the command bar.", rank=9),
    _a("palette", "ctrl+p", "palette", "Search all actions that are possible now."),
    _a("help", "question_mark", "help", "Show all keys.", rank=10),
    _a("freeze", "Z", "freeze", "Freeze what is shown; again: go on."),
    _a("refresh", "ctrl+r", "refresh", "Look at everything again now."),
    _a("reconnect", "R", "reconnect", "Try the connection again now."),
    _a("utc", "T", "utc", "Show times in UTC, or local again."),
    _a("copy_id", "y", "copy", "Send the ids to the terminal's clipboard."),
    _a("copy_address", "Y", "copy address", "Send this view's address to the clipboard."),
    _a("back", "left_square_bracket alt+left", "back", "Go back to where you were."),
    _a("forward", "right_square_bracket alt+right", "forward", "Go where you went back from."),
    _a("focus_next", "tab", "pane", "Go to the next pane."),
    _a("focus_previous", "shift+tab", "pane before", "Go to the pane before."),
    _a("zoom", "z", "zoom", "Give the pane with the focus all the room; again: as before."),
    _a("escape", "escape", "esc", "Close, unmark, unfilter or go up: one thing a press."),
    _a("leave", "q", "quit", "Go back; at the top, quit. Jobs keep running."),
    _a("quit", "ctrl+q", "quit", "Quit at once. Jobs keep running."),
    _a("interrupt", "ctrl+c", "quit", "Quit, when pressed twice within a second."),
)
