"""Asking before an act: its objects, their number, and what it would do to them."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widgets import Button, Static

from crabtui.acts.plan import Plan
from crabtui.data.glyphs import state_glyph, to_ascii
from crabtui.dialogs.dialog import LOW, Dialog
from engine.control.views import JobRow

SHARE: Final = 0.92
"""Of the screen that the frame takes at most, as in its style."""

LISTED: Final = 8
"""Objects shown by name; the rest are counted."""


class Confirm(Dialog[bool]):
    """Answers True only to `y`; Enter presses the focused button, which goes back.

    `jobs` are frozen: what changes state while the dialog is open is not acted on.
    """

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "confirm", "Do it"),
        ("n,q", "walk_away", "Go back"),
        ("left,right,tab,shift+tab", "other_button", "Other button"),
        ("up,k", "scroll(-1)", "Up"),
        ("down,j", "scroll(1)", "Down"),
    ]
    DEFAULT_CSS = """
    Confirm.-low > #frame { padding: 0 3; }
    Confirm #told { width: auto; height: auto; scrollbar-size-vertical: 1; }
    Confirm #objects { color: $crab-muted; margin-top: 1; }
    Confirm #typed { margin-top: 1; }
    Confirm #buttons { width: auto; height: 1; margin-top: 1; }
    Confirm Button {
        min-width: 0; height: 1; margin-right: 2; padding: 0 2;
        background: $crab-raised; color: $crab-text; text-style: none;
    }
    Confirm Button:focus {
        background: $crab-accent; color: $crab-background; text-style: bold !important;
    }
    Confirm:ansi Button:focus { text-style: bold reverse !important; }
    """

    def __init__(
        self,
        plan: Plan,
        jobs: Sequence[JobRow] = (),
        *,
        hidden: int = 0,
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self.plan = plan
        self.jobs = tuple(jobs)
        self.hidden = hidden
        self.typed = ""
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content("confirm")
            with VerticalScroll(id="told", can_focus=False):
                yield Static(self._said(self.plan.title, "bold"), id="question")
                yield Static(self._effects(), id="effects")
                if len(self.jobs) > 1:
                    yield Static(self._objects(), id="objects")
            if self.plan.typed:
                yield Static(self._typing(), id="typed")
            with Horizontal(id="buttons"):
                yield Button(Content("Go back"), id="no", compact=True)
                yield Button(Content("y  Do it"), id="yes", compact=True)

    def on_mount(self) -> None:
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Leave room for what is typed and the buttons, whatever there is to tell."""
        width, height = self.app.size
        is_low = height < LOW
        self.set_class(is_low, "-low")
        around = 4 + 2 * self.plan.typed + 2 * (not is_low)
        self.query_one("#told").styles.max_height = max(2, int(height * SHARE) - around)
        for part in self.query("#told Static"):
            part.styles.max_width = max(20, int(width * SHARE) - 10)

    def action_scroll(self, by: int) -> None:
        """Move over what does not fit."""
        self.query_one("#told").scroll_relative(y=by, animate=False)

    def action_confirm(self) -> None:
        """Say yes, if the number is typed where it is wanted."""
        if self.plan.typed and self.typed != str(self.plan.count):
            self.query_one("#typed", Static).update(self._typing(warn=True))
            return
        self.dismiss(True)

    def action_other_button(self) -> None:
        """Move between the buttons."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self.action_confirm()
        else:
            self.dismiss(None)

    def on_key(self, event: Key) -> None:
        """Digits and backspace write the number."""
        if not self.plan.typed:
            return
        if event.character and event.character.isdigit():
            self.typed = (self.typed + event.character)[:9]
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        else:
            return
        event.stop()
        self.query_one("#typed", Static).update(self._typing())

    def _effects(self) -> Content:
        lines = [f"  {line}" for line in self.plan.effects]
        if self.hidden:
            lines.append(f"  {self.hidden} of them hidden by the filter")
        return self._said("\n".join(("", *lines)) if lines else "")

    def _objects(self) -> Content:
        lines = [
            f"{state_glyph(job).drawn(ascii_only=self._ascii)} #{job.id}  {job.name[:48]}"
            f"  {job.state}"
            for job in self.jobs[:LISTED]
        ]
        more = len(self.jobs) - LISTED
        if more > 0:
            lines.append(f"… and {more:,} more")
        return self._said("\n".join(lines))

    def _typing(self, *, warn: bool = False) -> Content:
        count = self.plan.count
        return Content.assemble(
            (f"type {count} and then y: ", "$crab-warn" if warn else ""),
            (self.typed or "_", "bold"),
        )

    def _said(self, text: str, style: str = "") -> Content:
        return Content.styled(to_ascii(text) if self._ascii else text, style)
