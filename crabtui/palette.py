"""The palette (ctrl+p): every action that is possible now, found by its words."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from crabtui.acts.action import Action
from crabtui.acts.actions import possible
from crabtui.keymap import shown

if TYPE_CHECKING:
    from crabtui.desk import Desk


class ActionProvider(Provider):
    """Reads the action registry; shows each action with its key and its sentence."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._possible():
            score = max(matcher.match(action.title), matcher.match(action.help) * 0.9)
            if score > 0:
                yield Hit(score, self._display(action), self._run(action), help=_plain(action))

    async def discover(self) -> Hits:
        for action in self._possible():
            yield DiscoveryHit(self._display(action), self._run(action), help=_plain(action))

    async def startup(self) -> None:
        """Remember what is meant: the list goes on moving behind the palette."""
        self._meant = self._console.situation()

    @property
    def _console(self) -> "Desk":
        return cast("Desk", self.app)

    def _possible(self) -> list[Action]:
        now = self._console.situation()
        return [a for a in possible(self._console.key_map.actions, now) if a.id != "palette"]

    def _display(self, action: Action) -> Content:
        key = shown(action.keys[0]) if action.keys else ""
        return Content.assemble((f"{key:<9} ", "$crab-accent"), action.title)

    def _run(self, action: Action) -> Callable[[], None]:
        return partial(self._console.start, action, self._meant)


def _plain(action: Action) -> str:
    """Its sentence for a place that reads markup: a bracket is a bracket."""
    return action.help.replace("[", "\\[")
