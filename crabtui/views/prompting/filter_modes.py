"""What is typed into the prompt: a filter."""

from collections.abc import Callable
from dataclasses import replace

from crabtui.data.suggest import Values, suggest
from crabtui.views.jobs.jobs import JobsView
from crabtui.views.prompting.mode import Mode
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
        values: Callable[[str], Values],
        history: list[str],
        utc_offset_s: int = 0,
    ) -> None:
        super().__init__(prompt, done)
        self._view = view
        self._values = values
        self._offset_s = utc_offset_s
        self._before = view.look
        self._history = history
        self.history = tuple(history)
        self.start = view.look.where

    def edited(self, text: str, cursor: int) -> None:
        offers = suggest(text, cursor, self._values(text[:cursor]))
        self.prompt.show_suggestions(offers)
        try:
            where = self._read(text)
        except InvalidSpec as error:
            self._narrow(self._before.where)
            if not offers:
                self.refuse(error)
        else:
            if not _may_become_a_field(text):
                self._narrow(where)

    def submitted(self, text: str) -> None:
        text = text.strip()
        try:
            where = self._read(text)
        except InvalidSpec as error:
            return self.refuse(error)
        self._narrow(where)
        if text:
            self._history[:] = [*(old for old in self._history if old != text), text][-50:]
        return self.done()

    def closed(self) -> None:
        self._view.turn(self._before)
        self.done()

    def backed_out(self) -> None:
        """The chips come back into the prompt, the last one at the caret."""
        if self._before.where and not self.prompt.value:
            self.prompt.write(self._before.where)
        else:
            self.done()

    def _read(self, text: str) -> str:
        """The filter; times of day in it are those of the zone that is shown."""
        query = parse(text, utc_offset_s=self._offset_s)
        return query.text if has_times(text) else text

    def _narrow(self, text: str) -> None:
        self._view.turn(replace(self._view.look, where=text))


def has_times(text: str) -> bool:
    """Whether the filter may have times in it, which mean something in one zone only."""
    return "since" in text.lower() or "until" in text.lower()


def _may_become_a_field(text: str) -> bool:
    """Whether the last word may be the beginning of `field:`; narrowing by it would flicker."""
    word = text.rpartition(" ")[2].lower()
    return bool(word) and any(name.startswith(word) for name in FIELDS)
