"""From a key to the action that it means here, and from an action to the key people read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.actions import ACTIONS
from crabtui.acts.motions import MOTIONS, PLACES
from crabtui.acts.situation import Scope
from crabtui.data.keys.keyfile import DEFAULT, KeyFile
from crabtui.data.keys.names import FORBIDDEN, shown
from crabtui.keyplan import Keys, plan_keys

__all__ = ["FORBIDDEN", "STANDARD", "Keymap", "clashes", "keymap_of", "shown"]

HEARD_BY_WIDGETS: Final[Mapping[str, str]] = {
    "table.mark": "mark",
    "table.range": "mark_range",
    "table.open": "open",
    "log.next": "next_match",
    "log.previous": "previous_match",
    "log.follow": "follow_log",
    "log.wrap": "wrap",
}
"""Bindings of widgets that do what an action does, and so follow its keys."""

NEVER: Final = "none"
"""A key that no keyboard has: what is bound to it is not to be had."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys that hold in this console."""

    actions: tuple[Action, ...] = ACTIONS
    """All, with the keys that they have here."""
    motions: tuple[Action, ...] = MOTIONS
    preset: str = DEFAULT
    faults: tuple[str, ...] = ()
    """What of the key file could not be had, and why."""
    path: Path | None = None
    """The key file, whether there is one or not."""

    def resolve(self, key: str, scopes: Sequence[Scope]) -> Action | None:
        """What `key` means here: the nearest scope wins; None if it means nothing."""
        owners = [action for action in self.actions if key in action.keys]
        for scope in scopes:
            for action in owners:
                if scope in action.scopes:
                    return action
        return None

    def elsewhere(self, key: str) -> str:
        """Why `key` does nothing here: what it does, and where."""
        found = [action for action in self.actions if key in action.keys]
        if not found:
            return f"{shown(key)} means nothing: the key file gives it to nobody"
        places = {scope.value for action in found for scope in action.scopes}
        title = found[0].title
        return f"{shown(key)} ({title}) works in: {', '.join(sorted(places))}"

    @property
    def keys(self) -> list[str]:
        """Every key that means something somewhere."""
        return list(dict.fromkeys(key for action in self.actions for key in action.keys))

    def key_of(self, action_id: str) -> str:
        """The key shown for an action; empty if it has none."""
        keys = next((a.keys for a in self.actions if a.id == action_id), ())
        return shown(keys[0]) if keys else ""

    @property
    def of_widgets(self) -> dict[str, str]:
        """The keys of bindings that widgets hear themselves, where they are not the usual."""
        usual = {action.id: action.keys for action in (*ACTIONS, *MOTIONS)}
        told = {action.id: action.keys for action in (*self.actions, *self.motions)}
        places = {f"{place}.{m.id}": m.id for m in MOTIONS for place in PLACES}
        return {
            binding: ",".join(told[action]) or NEVER
            for binding, action in {**HEARD_BY_WIDGETS, **places}.items()
            if told.get(action) != usual.get(action)
        }

    def table(self) -> list[tuple[str, str, str]]:
        """Keys, id and help of everything that has a key or is in the menu."""
        menu = self.key_of("menu")
        every = (*self.actions, *self.motions)
        return [(" ".join(map(shown, a.keys)) or menu, a.id, a.help) for a in every]

    def action(self, action_id: str) -> Action:
        """The action of this id."""
        return next(a for a in self.actions if a.id == action_id)


def keymap_of(file: KeyFile, path: Path | None = None) -> Keymap:
    """The keys that hold with this key file; what clashes in it is told in `faults`."""
    keys, faults = plan_keys(file, (*ACTIONS, *MOTIONS))
    return Keymap(
        actions=_with(ACTIONS, keys),
        motions=_with(MOTIONS, keys),
        preset=file.preset,
        faults=faults,
        path=path,
    )


def _with(actions: Iterable[Action], keys: Keys) -> tuple[Action, ...]:
    return tuple(replace(action, keys=keys[action.id]) for action in actions)


def clashes(actions: Sequence[Action]) -> list[str]:
    """Keys that two actions want in one scope; the later of the two would never run."""
    taken: dict[tuple[str, Scope], str] = defaultdict(str)
    found = []
    for action in actions:
        for key in action.keys:
            for scope in action.scopes:
                owner = taken[key, scope] or action.id
                taken[key, scope] = owner
                if owner != action.id:
                    found.append(f"{shown(key)} in {scope}: {owner}, {action.id}")
    return found


STANDARD: Final = Keymap()
"""The keys as they are without any file."""
