"""One pane that has all the room, for a while."""

from typing import TYPE_CHECKING, Final

from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from crabtui.desk import Desk

BAR: Final = 1
"""Rows of what is no pane but a bar, and stays."""


class Zooming:
    """One pane that has all the room, for a while."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._hidden: list[Widget] = []
        self._zoomed: Widget | None = None

    @property
    def is_on(self) -> bool:
        """Whether a pane has all the room now."""
        return self._zoomed is not None

    def do_zoom(self) -> None:
        """Give the pane with the focus all the room, or give it back."""
        if self.end():
            return None
        pane = self._app.front.focused
        if pane is None:
            return self._app.say("no pane has the focus", True)
        self._hidden = self._around(pane)
        if not self._hidden:
            return self._app.say("it has all the room already")
        self._zoomed = pane
        for other in self._hidden:
            other.display = False
        self._app.say(f"{self._app.key_map.key_of('zoom')} shows the other panes again")
        return None

    def end(self) -> bool:
        """Show all panes again; False if nothing was hidden."""
        if self._zoomed is None:
            return False
        for other in self._hidden:
            other.display = True
        self._hidden, self._zoomed = [], None
        return True

    def _around(self, pane: Widget) -> list[Widget]:
        """All that takes room beside the pane, or beside what it is in."""
        found: list[Widget] = []
        place: Widget = pane
        while not isinstance(place, Screen) and isinstance(place.parent, Widget):
            siblings = place.parent.displayed_children
            found += [s for s in siblings if s is not place and s.size.height > BAR]
            place = place.parent
        return found
