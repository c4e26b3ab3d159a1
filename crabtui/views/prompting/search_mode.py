"""What is typed into the prompt of a log: what to look for."""

from collections.abc import Callable

from crabtui.views.prompting.mode import Mode
from crabtui.widgets.prompt import Prompt
from engine.errors import InvalidSpec


class LogSearchMode(Mode):
    """Searches while one types; escape ends the search, enter keeps it."""

    def __init__(
        self,
        prompt: Prompt,
        done: Callable[[], None],
        search: Callable[[str], None],
        history: list[str],
    ) -> None:
        super().__init__(prompt, done)
        self._search = search
        self._history = history
        self.history = tuple(history)

    def edited(self, text: str, cursor: int) -> None:  # noqa: ARG002
        """An expression between strokes is looked for once its second stroke is there."""
        if text.startswith("/") and not (len(text) > 2 and text.endswith("/")):
            return
        self._try(text)

    def submitted(self, text: str) -> None:
        if self._try(text):
            if text:
                self._history[:] = [*(old for old in self._history if old != text), text][-50:]
            self.done()

    def closed(self) -> None:
        self._search("")
        self.done()

    def backed_out(self) -> None:
        self.done()

    def _try(self, text: str) -> bool:
        try:
            self._search(text)
        except InvalidSpec as error:
            self.refuse(error)
            return False
        return True
