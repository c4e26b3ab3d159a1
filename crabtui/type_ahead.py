"""Keys that come before the prompt that they are meant for has opened."""

from typing import Final

from textual.app import App
from textual.events import Event, Key
from textual.widgets import Input

from crabtui.views.console_screen import ConsoleScreen

OPENERS: Final = frozenset({"slash", "colon"})
"""Keys after which somebody types text."""

PATIENCE_S: Final = 0.1
"""A prompt that has not opened by then will not."""


class TypeAhead(App[int]):
    """Holds back what is typed fast, or pasted, until the prompt has the focus.

    Without this `/retry` typed in one go would filter nothing, and retry a job.
    """

    _held: list[Key] | None = None
    """What came since a prompt was asked for; None while none is."""

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._held is not None and not isinstance(self.focused, Input):
            self._held.append(event)
            return
        await self._let_go()
        if event.key in OPENERS and self._is_about_to_type():
            self._held = []
            self.set_timer(PATIENCE_S, self._let_go)
        await super().on_event(event)

    def _is_about_to_type(self) -> bool:
        return isinstance(self.screen, ConsoleScreen) and not isinstance(self.focused, Input)

    async def _let_go(self) -> None:
        """Pass on what was held, in the order in which it was typed."""
        held, self._held = self._held or [], None
        for event in held:
            await super().on_event(event)
