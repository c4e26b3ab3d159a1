"""The frame that all dialogs share: centred, raised, closed by escape."""

from typing import ClassVar, Final, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

A = TypeVar("A")

LOW: Final = 24
"""Rows of a screen below which no row is left empty at the frame."""


class Dialog(ModalScreen[A | None]):
    """A question; None is the answer of who walks away."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "walk_away", "Close"),
        Binding("ctrl+q", "app.leave", "Quit", show=False),  # the app's own stop at a dialog
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $crab-background 60%;
    }
    Dialog:ansi { background: transparent; }
    Dialog > #frame {
        width: auto;
        max-width: 92%;
        height: auto;
        max-height: 92%;
        padding: 1 3;
        background: $crab-surface;
        border: round $crab-line;
        border-title-color: $crab-accent;
        border-title-style: bold;
        border-subtitle-color: $crab-muted;
    }
    Dialog Static { width: auto; height: auto; }
    """

    def action_walk_away(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
