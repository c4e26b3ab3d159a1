"""A line across the screen that says what moment it shows, while that is not now."""

from collections.abc import Sequence

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Token
from crabtui.widgets.line import Line, Part


class Band(Line):
    """`FROZEN at #88214 14:02:11Z  +312 events since  (Z resume)`; not there while empty."""

    DEFAULT_CSS = """
    Band { background: $crab-raised; display: none; }
    Band.-shown { display: block; }
    """

    _said: tuple[str, str, Token] = ("", "", "block")

    def show(self, text: str, remedy: str = "", token: Token = "block") -> None:  # noqa: S107
        """Say this, and at the right end how to come back to now; empty: hide."""
        if (text, remedy, token) != self._said:
            self._said = (text, remedy, token)
            self.set_class(bool(text), "-shown")
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        text, remedy, token = self._said
        room = max(width - 2, 1)
        right = remedy if cells(text) + cells(remedy) + 2 <= room else ""
        left = Part(fit(text, room - cells(right)), token, bold=True)
        return [Part(" "), left, Part(right, "muted"), Part(" ")]
