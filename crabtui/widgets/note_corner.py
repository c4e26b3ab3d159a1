"""The corner of notes: each a line over the list, gone by itself or by a click."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from crabtui.data.fitting import fit
from crabtui.data.glyphs import to_ascii
from crabtui.data.sanitize import sanitize
from crabtui.data.toasts import Toast

WIDEST = 60


class NoteCorner(Static):
    """Lies over what is below it only where it has something to say."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    NoteCorner {
        layer: toasts; dock: right; width: auto; height: auto; display: none;
        margin: 3 1 0 0; padding: 0 1; background: $crab-raised; color: $crab-text;
    }
    NoteCorner.-shown { display: block; }
    """

    class Dismissed(Message):
        """A note of this kind was clicked away."""

        def __init__(self, kind: str) -> None:
            self.kind = kind
            super().__init__()

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(id="toasts")
        self._ascii = ascii_only
        self._shown: tuple[Toast, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What is said, line by line."""
        room = max(min(WIDEST, self.app.size.width - 8), 10)
        return [fit(self._plain(toast.line), room).rstrip() for toast in self._shown]

    def show(self, toasts: Sequence[Toast]) -> None:
        """Show exactly these."""
        if tuple(toasts) == self._shown:
            return
        self._shown = tuple(toasts)
        self.set_class(bool(toasts), "-shown")
        width = max((cell_len(line) for line in self.lines), default=0)
        parts = [
            (f"{line}{' ' * (width - cell_len(line))}  x", _style(toast))
            for line, toast in zip(self.lines, self._shown, strict=True)
        ]
        lines = [Content.styled(text, style) for text, style in parts]
        shown = Content("\n").join(lines)
        self.update(shown)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if 0 <= event.y < len(self._shown):
            self.post_message(self.Dismissed(self._shown[event.y].kind))

    def _plain(self, text: str) -> str:
        harmless = sanitize(text)
        return to_ascii(harmless) if self._ascii else harmless


def _style(toast: Toast) -> str:
    return "bold $crab-bad" if toast.is_bad else "$crab-text"
