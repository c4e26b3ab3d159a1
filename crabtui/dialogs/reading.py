"""Something to read, over everything else: scrolled by the usual keys, closed by escape."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from crabtui.data.glyphs import Cell
from crabtui.dialogs.dialog import Dialog
from crabtui.widgets.panes.text_pane import TextPane

Lines = Callable[[int], Sequence[Sequence[Cell]]]
"""The lines for a width, in sanitised cells."""


class ReadingPane(TextPane):
    """Shows the lines that it was given."""

    def __init__(self, lines: Lines, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._given = lines

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        return self._given(width)

    @property
    def text(self) -> str:
        """All of it, as it is read."""
        lines = self._given(max(self.size.width, 1))
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines) + "\n"


class Reading(Dialog[str]):
    """Answers with its text if that is to be copied."""

    AUTO_FOCUS = "ReadingPane"
    BINDINGS = [("y", "copy", "Copy"), ("q", "walk_away", "Close")]  # noqa: RUF012
    DEFAULT_CSS = """
    Reading > #frame { width: 96%; height: 92%; padding: 0 1; }
    Reading ReadingPane { height: 1fr; background: $crab-surface; }
    """

    def __init__(self, title: str, lines: Lines, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._title = title
        self._given = lines
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = Content("y copies   esc closes")
            yield ReadingPane(self._given, ascii_only=self._ascii)

    def action_copy(self) -> None:
        """Close, and hand out the text."""
        self.dismiss(self.query_one(ReadingPane).text)
