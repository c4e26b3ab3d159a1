"""The form for a new job, and the command line that does the same."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from crabtui.data.glyphs import to_ascii
from crabtui.data.job.new_job import FIELDS, job_of, line_of
from crabtui.data.sanitize import sanitize
from crabtui.dialogs.dialog import LOW, Dialog
from engine.errors import EngineError, InvalidSpec

Submit = Callable[[dict[str, Any]], Awaitable[str]]
"""Submits the job, and says so. Raises EngineError: it was refused."""

HINT = "tab next   enter submits   esc goes back"


class NewJob(Dialog[str]):
    """Stays open until the engine has taken the job; answers what is to be said of it."""

    AUTO_FOCUS = "#command"
    BINDINGS: ClassVar[list[BindingType]] = [
        # with priority: what is typed fast behind them is for the next field
        Binding("tab,down", "app.focus_next", show=False, priority=True),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    NewJob > #frame { width: 76; }
    NewJob.-low > #frame { padding: 0 3; }
    NewJob Horizontal { height: 1; width: 100%; }
    NewJob Label { width: 10; color: $crab-muted; }
    NewJob Input {
        width: 1fr; height: 1; border: none; padding: 0 1; background: $crab-raised;
    }
    NewJob #line { color: $crab-accent; margin-top: 1; width: 100%; max-height: 3; }
    NewJob #hint { color: $crab-muted; margin-top: 1; width: 100%; }
    NewJob.-low #line { margin-top: 0; max-height: 2; }
    NewJob.-low #hint { margin-top: 0; max-height: 2; }
    NewJob #hint.-wrong { color: $crab-bad; }
    """

    def __init__(
        self, submit: Submit, start: Mapping[str, str], *, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._submit = submit
        self._begun = dict(start)
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content("new job")
            for field in FIELDS:
                with Horizontal():
                    yield Label(Content(field.name))
                    yield Input(
                        self._begun.get(field.name, ""),
                        placeholder=field.hint,
                        id=field.name,
                        max_length=4_000,
                        select_on_focus=False,
                        compact=True,
                    )
            yield Static(id="line")
            yield Static(Content(HINT), id="hint")

    def on_mount(self) -> None:
        for entry in self.query(Input):
            entry.cursor_blink = False
        self._show_line()
        self.on_resize()

    def on_resize(self) -> None:
        """On a low screen no row is left empty at the frame."""
        self.set_class(self.app.size.height < LOW, "-low")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_line()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.run_worker(self._send(), group="submit", exclusive=True, exit_on_error=False)

    async def _send(self) -> None:
        try:
            said = await self._submit(job_of(self._values))
        except InvalidSpec as error:
            self._refuse(error.message, error.field or "")
        except EngineError as error:
            self._refuse(error.message, "")
        else:
            self.dismiss(said)

    def _refuse(self, text: str, field: str) -> None:
        """Say what is wrong, with the cursor where it is to be mended."""
        hint = self.query_one("#hint", Static)
        hint.add_class("-wrong")
        hint.update(self._plain(text))
        name = field.removeprefix("jobs[0].")
        for entry in self.query(Input):
            if entry.id == name:
                entry.focus()

    @property
    def _values(self) -> dict[str, str]:
        return {entry.id or "": entry.value for entry in self.query(Input)}

    def _show_line(self) -> None:
        self.query_one("#line", Static).update(self._plain(line_of(self._values)))

    def _plain(self, text: str) -> Content:
        harmless = sanitize(text)
        return Content(to_ascii(harmless) if self._ascii else harmless)
