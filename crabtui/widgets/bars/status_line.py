"""The line above the keys: what just happened, and how fresh the picture is."""

from collections.abc import Sequence

from rich.cells import cell_len

from crabtui.data.fitting import fit
from crabtui.data.glyphs import Token
from crabtui.widgets.line import Line, Part


class StatusLine(Line):
    """A sentence on the left and, where there is room, facts on the right."""

    DEFAULT_CSS = """
    StatusLine { background: $crab-surface; }
    """

    _left: tuple[str, Token] = ("", "text")
    _right = ""

    def show(self, text: str, token: Token = "text") -> None:  # noqa: S107 - a meaning
        """Say this until something else is said."""
        if (text, token) != self._left:
            self._left = (text, token)
            self.refresh()

    def unsay(self, text: str) -> None:
        """Say nothing, if it is still this that is said, be it as the reason of something."""
        if self._left[0].endswith(text):
            self.show("")

    def show_right(self, text: str) -> None:
        """Facts for the right end, muted."""
        if text != self._right:
            self._right = text
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        text, token = self._left
        room = max(width - 2, 1)
        right = self._right if cell_len(text) + cell_len(self._right) + 2 <= room else ""
        left = fit(text, room - cell_len(right))
        return [Part(" "), Part(left, token), Part(right, "muted"), Part(" ")]
