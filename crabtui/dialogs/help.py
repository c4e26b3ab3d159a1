"""All keys, those of the present view first; typing narrows them."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from crabtui.actions import ACTIONS, Action, works_in
from crabtui.data.glyphs import to_ascii
from crabtui.dialogs.dialog import Dialog
from crabtui.keymap import shown
from crabtui.situation import Scope, Situation

MOTION = (
    ("j k ↑ ↓", "Move the cursor."),
    ("g G", "Go to the first or the last row."),
    ("ctrl+d ctrl+u", "Half a page down or up."),
    ("pgdn pgup", "A page down or up."),
)


class Help(Dialog[None]):
    """The help screen: keys that work here, then the rest, with why one does not now."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Help > #frame { width: 92; height: 92%; padding: 1 2; }
    Help Input {
        width: 100%; height: 1; padding: 0 1; border: none; background: $crab-raised;
    }
    Help VerticalScroll { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
    Help #keys { width: 100%; }
    """

    def __init__(self, now: Situation, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._now = now
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content("keys")
            frame.border_subtitle = Content("esc closes")
            yield Input(placeholder="search keys", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._text(""), id="keys")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#keys", Static).update(self._text(event.value.strip().lower()))

    def on_key(self, event: object) -> None:
        """Arrows and pages scroll while the search keeps the focus."""
        scroll, key = self.query_one(VerticalScroll), getattr(event, "key", "")
        moves = {
            "down": scroll.scroll_down,
            "up": scroll.scroll_up,
            "pagedown": scroll.scroll_page_down,
            "pageup": scroll.scroll_page_up,
        }
        if key in moves:
            moves[key](animate=False)

    def _text(self, wanted: str) -> Content:
        here = [a for a in ACTIONS if a.scopes != {Scope.GLOBAL} and self._is_here(a)]
        everywhere = [a for a in ACTIONS if a.scopes == {Scope.GLOBAL}]
        rest = [a for a in ACTIONS if not self._is_here(a)]
        parts = [
            self._section("Here", here, wanted),
            self._motion(wanted),
            self._section("Everywhere", everywhere, wanted),
            self._section("In other views", rest, wanted),
        ]
        found = [part for part in parts if part]
        return Content("\n").join(found) if found else Content("no key is like that")

    def _is_here(self, action: Action) -> bool:
        return works_in(action, self._now.scopes)

    def _section(self, title: str, actions: Sequence[Action], wanted: str) -> Content:
        lines = [self._line(action) for action in actions if _is_like(action, wanted)]
        return self._block(title, lines)

    def _motion(self, wanted: str) -> Content:
        lines = [
            Content.assemble((f"  {self._plain(keys):<14}", "$crab-accent"), text)
            for keys, text in MOTION
            if wanted in f"{keys} {text}".lower()
        ]
        return self._block("Moving", lines)

    def _block(self, title: str, lines: Sequence[Content]) -> Content:
        if not lines:
            return Content("")
        head = Content.styled(title, "bold")
        return Content("\n").join([head, *lines, Content("")])

    def _line(self, action: Action) -> Content:
        keys = " ".join(shown(key) for key in action.keys)
        reason = action.why_not(self._now) if self._is_here(action) else None
        return Content.assemble(
            (f"  {keys:<14}", "$crab-muted" if reason else "$crab-accent"),
            self._plain(action.help),
            (f"  ({self._plain(reason)})" if reason else "", "$crab-muted"),
        )

    def _plain(self, text: str) -> str:
        return to_ascii(text) if self._ascii else text


def _is_like(action: Action, wanted: str) -> bool:
    keys = " ".join(shown(key) for key in action.keys)
    return wanted in f"{keys} {action.title} {action.help}".lower()
