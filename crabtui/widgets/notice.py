"""A few centred lines where there is nothing else to show: empty, or in trouble."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from crabtui import theme
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, to_ascii
from crabtui.widgets.line import Part, part_strip


class Notice(Widget):
    """Lines of text with their colours, centred both ways."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(theme.TOKEN_CLASSES)
    DEFAULT_CSS = """
    Notice { width: 1fr; height: 1fr; background: $crab-background; color: $crab-text; }
    """ + theme.token_css("Notice")

    def __init__(
        self,
        lines: Sequence[Cell] = (),
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._lines = tuple(lines)
        self.ascii_only = ascii_only

    def show(self, lines: Sequence[Cell]) -> None:
        """Draw these lines instead."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.refresh()

    @property
    def lines(self) -> tuple[Cell, ...]:
        """What is shown."""
        return self._lines

    def render_line(self, y: int) -> Strip:
        ground = self.rich_style
        base = Style(color=ground.color, bgcolor=ground.bgcolor)
        width = self.size.width
        place = y - max((self.size.height - len(self._lines)) // 2, 0)
        parts: list[Part] = []
        if 0 <= place < len(self._lines):
            text, token = self._lines[place]
            parts = [Part(self._centred(text, width), token)]
        return part_strip(parts, width, theme.token_styles(self), base, base)

    def _centred(self, text: str, width: int) -> str:
        text = to_ascii(text) if self.ascii_only else text
        shown = fit(text, min(cell_len(text), max(width - 2, 1)))
        return " " * max((width - cell_len(shown)) // 2, 0) + shown
