"""What could be done to what is marked, each act with its effect or the reason against it."""

from collections.abc import Sequence

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell
from crabtui.widgets.panes.text_pane import TextPane

Told = tuple[str, str, str, bool]
"""The key as people read it, the act, its effect, and whether it may be done."""


class SelectionPane(TextPane):
    """One line for each act; not there while nothing is marked."""

    DEFAULT_CSS = """
    SelectionPane { height: auto; max-height: 8; margin-top: 1; display: none; }
    SelectionPane.-shown { display: block; }
    """

    _told: tuple[Told, ...] = ()

    def on_mount(self) -> None:
        self.can_focus = False

    def show(self, title: str, told: Sequence[Told]) -> None:
        """Draw these; none: hide."""
        self._told, self.title = tuple(told), title
        self.set_class(bool(told), "-shown")
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        key = max((cells(key) for key, *_ in self._told), default=0)
        act = max((cells(act) for _, act, *_ in self._told), default=0)
        room = max(width - key - act - 6, 8)
        return [
            [
                (f" {fit(sign, key)} ", "accent" if can else "muted"),
                (f" {fit(name, act)}  ", "text" if can else "muted"),
                (fit(effect, room).rstrip(), "text" if can else "muted"),
            ]
            for sign, name, effect, can in self._told
        ]
