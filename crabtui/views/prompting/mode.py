"""How a prompt reacts to what is typed: the base of filters, commands and searches."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from crabtui.widgets.prompt import Prompt
from engine.errors import InvalidSpec


class Mode:
    """How a prompt reacts while it is open. `done` closes it."""

    sign: ClassVar[str] = "/"

    def __init__(self, prompt: Prompt, done: Callable[[], None]) -> None:
        self.prompt = prompt
        self.done = done
        self.start = ""
        self.history: Sequence[str] = ()

    def edited(self, text: str, cursor: int) -> None:
        """Something was typed."""

    def submitted(self, text: str) -> None:  # noqa: ARG002 - for those who read it
        """Enter was pressed."""
        self.done()

    def closed(self) -> None:
        """Escape was pressed."""
        self.done()

    def backed_out(self) -> None:
        """Backspace was pressed where nothing is left."""

    def refuse(self, error: InvalidSpec, after: int = 0) -> None:
        """Say what is wrong, under the place if that is known: `after` so many characters."""
        at = error.details.get("at")
        place = after + at - 1 if isinstance(at, int) else None
        self.prompt.show_error(error.message, place)
