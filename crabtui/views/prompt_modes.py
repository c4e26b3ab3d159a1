"""What is typed into the prompt: a filter."""

from collections.abc import Callable
from dataclasses import replace

from crabtui.data.suggest import suggest
from crabtui.views.jobs import JobsView
from crabtui.views.mode import Mode
from crabtui.widgets.prompt import Prompt
from engine.errors import InvalidSpec
from engine.model.filter import FIELDS, parse


class FilterMode(Mode):
    """Narrows the table while one types; escape brings the old filter back."""

    def __init__(
        self,
        prompt: Prompt,
        done: Callable[[], None],
        view: JobsView,
        values: Callable[[], dict[str, list[str]]],
        history: list[str],
    ) -> None:
        super().__init__(prompt, done)
        self._view = view
        self._values = values
        self._before = view.look
        self._history = history
        self.history = tuple(history)
        self.start = view.look.where

    def edited(self, text: str, cursor: int) -> None:
        offers = suggest(text, cursor, self._values())
        self.prompt.show_suggestions(offers)
        try:
            parse(text)
        except InvalidSpec as error:
            self._narrow(self._before.where)
            if not offers:
                self.refuse(error)
        else:
            if not _may_become_a_field(text):
                self._narrow(text)

    def submitted(self, text: str) -> None:
        text = " ".join(text.split())
        try:
            parse(text)
        except InvalidSpec as error:
            return self.refuse(error)
        self._narrow(text)
        if text:
            self._history[:] = [*(old for old in self._history if old != text), text][-50:]
        return self.done()

    def closed(self) -> None:
        self._view.turn(self._before)
        self.done()

    def backed_out(self) -> None:
        if not self._history or self._view.look.where:
            return
        self.done()

    def _narrow(self, text: str) -> None:
        self._view.turn(replace(self._view.look, where=text))


def _may_become_a_field(text: str) -> bool:
    """Whether the last word may be the beginning of `field:`; narrowing by it would flicker."""
    word = text.rpartition(" ")[2].lower()
    return bool(word) and any(name.startswith(word) for name in FIELDS)
