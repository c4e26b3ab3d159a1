"""Typing a filter of events: the list narrows at once; escape brings the old one back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crabtui.data.events.suggest import suggest_events
from crabtui.views.events.events import EventsView
from crabtui.views.prompting.mode import Mode
from crabtui.widgets.prompt import Prompt
from engine.errors import InvalidSpec
from engine.model.event_filter import EVENT_FIELDS, parse_events

KEPT = 50
"""Lines of history."""


class EventFilterMode(Mode):
    """Narrows the list of events while one types."""

    def __init__(
        self,
        prompt: Prompt,
        done: Callable[[], None],
        view: EventsView,
        values: Callable[[], Mapping[str, Sequence[str]]],
        history: list[str],
        utc_offset_s: int = 0,
    ) -> None:
        super().__init__(prompt, done)
        self._view = view
        self._values = values
        self._before = view.look
        self._kept = history
        self._offset_s = utc_offset_s
        self.history = tuple(history)
        self.start = view.look.where

    def edited(self, text: str, cursor: int) -> None:
        offers = suggest_events(text, cursor, self._values())
        self.prompt.show_suggestions(offers)
        try:
            parse_events(text)
        except InvalidSpec as error:
            self._narrow(self._before.where)
            if not offers:
                self.refuse(error)
        else:
            last = text.rpartition(" ")[2].lower()
            if not last or not any(name.startswith(last) for name in EVENT_FIELDS):
                self._narrow(text)

    def submitted(self, text: str) -> None:
        text = " ".join(text.split())
        try:
            parse_events(text)
        except InvalidSpec as error:
            return self.refuse(error)
        self._narrow(text)
        if text:
            self._kept[:] = [*(old for old in self._kept if old != text), text][-KEPT:]
        return self.done()

    def closed(self) -> None:
        self._view.turn(self._before)
        self.done()

    def backed_out(self) -> None:
        if not self._view.look.where:
            self.done()

    def _narrow(self, text: str) -> None:
        """Times of day are those of the zone that is shown."""
        where = text
        if "since" in text or "until" in text:
            where = parse_events(text, utc_offset_s=self._offset_s).text
        self._view.turn(replace(self._view.look, where=where))
