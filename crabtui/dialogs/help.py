"""All keys in a dialog; typing narrows them."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Input

from crabtui.acts.situation import Situation
from crabtui.dialogs.dialog import Dialog
from crabtui.dialogs.keys_pane import KeysPane

ROLLS = {
    "down": "roll(1)",
    "up": "roll(-1)",
    "pagedown": "roll_page(1)",
    "pageup": "roll_page(-1)",
}


class Help(Dialog[None]):
    """Keys that work here, then the rest; the search keeps the focus."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Help > #frame { width: 84; max-width: 96%; height: 92%; padding: 0 1; }
    Help Input { width: 100%; margin-bottom: 1; background: $crab-surface; }
    Help KeysPane { height: 1fr; background: $crab-surface; }
    """

    def __init__(self, now: Situation, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._now = now
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content("keys")
            frame.border_subtitle = Content("esc closes")
            yield Input(placeholder="type to search", select_on_focus=False, compact=True)
            pane = KeysPane(ascii_only=self._ascii)
            pane.now = self._now
            yield pane

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(KeysPane).narrow(event.value)

    async def on_key(self, event: Key) -> None:
        """Arrows and pages scroll the keys."""
        if event.key in ROLLS:
            event.stop()
            pane = self.query_one(KeysPane)
            await pane.run_action(ROLLS[event.key])
