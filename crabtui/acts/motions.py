"""Moving in lists and text: keys that the widgets themselves hear, under ids of their own."""

from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a

MOTIONS: Final[tuple[Action, ...]] = (
    _a("down", "j down", "down", "Move down."),
    _a("up", "k up", "up", "Move up."),
    _a("first", "g home", "first", "Go to the first row."),
    _a("last", "G end", "last", "Go to the last row."),
    _a("half_down", "ctrl+d", "half down", "Half a page down."),
    _a("half_up", "ctrl+u", "half up", "Half a page up."),
    _a("page_down", "pagedown", "page down", "A page down."),
    _a("page_up", "pageup", "page up", "A page up."),
)
"""They have no place in palette and menu: nobody looks there for moving."""

PLACES: Final = ("table", "text", "log", "line")
"""Kinds of widgets that move: the id of a binding is `table.down` and so on."""
