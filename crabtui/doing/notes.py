"""Notes in the corner, the bell, and the terminal's title."""

from typing import TYPE_CHECKING

from crabtui.data import terminal_words
from crabtui.data.toasts import Toasts

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Notes:
    """Notes in the corner, the bell, and the terminal's title."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._toasts = Toasts()
        self._title = ""
        self.hears_mouse = True
        self.bell = "watched"
        """What rings it: `off`, `watched` jobs, `errors`, or `all` notes."""

    def tell(self, kind: str, text: str, *, bad: bool = False) -> None:
        """Show a note; one of its kind that is there already is merged with it."""
        self._toasts = self._toasts.told(kind, text, self._app.clock.monotonic(), bad=bad)
        self.show()
        if self.bell == "all" or (bad and self.bell == "errors"):
            self._app.bell()

    def ring(self, why: str) -> None:
        """Ring, if this is what rings it."""
        if self.bell in (why, "all"):
            self._app.bell()

    def dismiss(self, kind: str) -> None:
        """Take a note away."""
        self._toasts = self._toasts.without(kind)
        self.show()

    def dismiss_newest(self) -> bool:
        """Take the newest note away; False if there is none."""
        if not self._toasts.shown:
            return False
        self.dismiss(self._toasts.shown[-1].kind)
        return True

    def beat(self) -> None:
        """Let a second pass: notes go by themselves."""
        self._toasts = self._toasts.at(self._app.clock.monotonic())
        self.show()

    def show(self) -> None:
        """Show the notes on the screen in front."""
        if self._app.is_open:
            self._app.front.show_toasts(self._toasts.shown)

    def hear_mouse(self, *, on: bool) -> None:
        """Have the terminal report its mouse, or leave it to select text as usual."""
        self.hears_mouse = on
        self.to_terminal(terminal_words.mouse(on=on))

    def entitle(self, text: str) -> None:
        """Give the terminal this title; empty: the one it had."""
        if text == self._title:
            return
        keep = terminal_words.KEEP_TITLE if not self._title else ""
        self.to_terminal(
            keep + terminal_words.title(text) if text else terminal_words.OLD_TITLE
        )
        self._title = text

    def to_terminal(self, words: str) -> None:
        """Send words that are not shown; nothing without a real terminal."""
        terminal = self._app.terminal
        if terminal is not None:
            terminal.write(words)
