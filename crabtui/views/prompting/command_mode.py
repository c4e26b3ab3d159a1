"""A command is typed: what completes it, what is wrong with it, and what carries it out."""

from collections.abc import Callable, Sequence

from crabtui.data.suggest import Suggestion
from crabtui.views.prompting.mode import Mode
from crabtui.widgets.prompt import Prompt
from engine.errors import InvalidSpec

KEPT = 50
"""Lines of history."""


class CommandMode(Mode):
    """One command; `prepare` refuses it with InvalidSpec, or returns what carries it out."""

    sign = ":"

    def __init__(
        self,
        prompt: Prompt,
        done: Callable[[], None],
        prepare: Callable[[str], Callable[[], object]],
        complete: Callable[[str], Sequence[Suggestion]],
        history: list[str],
    ) -> None:
        super().__init__(prompt, done)
        self._prepare = prepare
        self._complete = complete
        self._history = history
        self.history = tuple(history)

    def edited(self, text: str, cursor: int) -> None:
        self.prompt.show_suggestions(self._complete(text[:cursor]))

    def submitted(self, text: str) -> None:
        if not text.strip():
            return self.done()
        try:
            carry_out = self._prepare(text)
        except InvalidSpec as error:
            rest = text.lstrip().partition(" ")[2].lstrip()  # places are counted in it
            return self.refuse(error, after=len(text) - len(rest))
        self.done()
        line = text.strip()
        others = [old for old in self._history if old != line]
        self._history[:] = [*others, line][-KEPT:]
        carry_out()
        return None

    def backed_out(self) -> None:
        self.done()
