"""The lines that a search over many logs found: a list to go from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from crabtui.data.glyphs import Cell
from crabtui.data.logs.found_lines import Hit, rows_of
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import LogsFound
from engine.model.log_pattern import LogPattern


class FoundPane(TextPane):
    """The cursor stands on a line that was found, and stays there while others come."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", show=False),
        Binding("k,up", "choose(-1)", show=False),
        Binding("g,home", "choose(-1000000)", show=False),
        Binding("G,end", "choose(1000000)", show=False),
        Binding("pagedown", "choose_page(1)", show=False),
        Binding("pageup", "choose_page(-1)", show=False),
    ]

    def __init__(self, pattern: LogPattern, *, ascii_only: bool, id: str) -> None:  # noqa: A002
        super().__init__(title="grep", ascii_only=ascii_only, id=id)
        self._pattern = pattern
        self._found: list[LogsFound] = []
        self._targets: list[Hit | None] = []
        self._chosen: Hit | None = None

    def take(self, found: LogsFound) -> None:
        """One more log."""
        self._found.append(found)
        self.relay()

    @property
    def chosen(self) -> Hit | None:
        """The line under the cursor."""
        return self._chosen

    def action_choose(self, by: int) -> None:
        """Move the cursor by so many lines that were found."""
        hits = [target for target in self._targets if target is not None]
        if not hits:
            return
        here = hits.index(self._chosen) if self._chosen in hits else 0
        self._chosen = hits[min(max(here + by, 0), len(hits) - 1)]
        self.relay()
        self._reveal()

    def action_choose_page(self, pages: int) -> None:
        self.action_choose(pages * max(self.size.height - 2, 1))

    def is_raised(self, place: int) -> bool:
        return place < len(self._targets) and self._is_here(self._targets[place])

    def _is_here(self, target: Hit | None) -> bool:
        return target is not None and target == self._chosen

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        rows = [
            row for found in self._found for row in rows_of(found, self._pattern, width - 1)
        ]
        self._targets = [target for target, _ in rows]
        if self._chosen is None:
            self._chosen = next((target for target in self._targets if target), None)
        return [
            [("▌" if self._is_here(target) else " ", "accent"), *cells]
            for target, cells in rows
        ]

    def _reveal(self) -> None:
        if self._chosen not in self._targets:
            return
        place, room = self._targets.index(self._chosen), self.size.height - 2
        first = place - 1 if place and self._targets[place - 1] is None else place
        if place >= self.scroll_offset.y + room:
            self.action_roll(place - self.scroll_offset.y - room + 1)
        elif first < self.scroll_offset.y:
            self.action_roll(first - self.scroll_offset.y)
