"""Asking for one line of text: a reason, a limit."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from crabtui.dialogs.dialog import Dialog
from engine.errors import InvalidSpec


class Ask(Dialog[str]):
    """Answers the line that was entered; `check` may refuse it with InvalidSpec.

    `effects` are the consequences, one a line.
    """

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Ask > #frame { width: 64; }
    Ask Input {
        width: 100%; margin-top: 1; padding: 0 1; background: $crab-raised;
    }
    Ask #hint { color: $crab-muted; margin-top: 1; width: 100%; height: auto; }
    Ask #hint.-wrong { color: $crab-bad; }
    """

    def __init__(
        self,
        title: str,
        hint: str,
        *,
        value: str = "",
        effects: Sequence[str] = (),
        check: Callable[[str], object] = str,
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._effects = tuple(effects)
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield Static(Content.styled(self._title, "bold"))
            if self._effects:
                yield Static(Content("\n".join(f"  {line}" for line in ("", *self._effects))))
            yield Input(self._value, max_length=200, compact=True)
            yield Static(Content(self._hint), id="hint")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._check(event.value.strip())
        except InvalidSpec as error:
            hint = self.query_one("#hint", Static)
            hint.add_class("-wrong")
            hint.update(Content(error.message))
        else:
            self.dismiss(event.value.strip())
