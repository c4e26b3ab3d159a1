"""From a key to the action that it means here, and from an action to the key people read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.actions import ACTIONS, BY_ID
from crabtui.acts.situation import Scope

NAMES: Final[Mapping[str, str]] = {
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "underscore": "_",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "asterisk": "*",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "escape": "esc",
    "left": "←",
    "right": "→",
}

FORBIDDEN: Final = frozenset(
    f"ctrl+{key}" for key in ("h", "i", "j", "m", "a", "b", "s", "z", "w", "t", "n", "@")
)
"""Chords that terminals, multiplexers or browsers take for themselves."""


def shown(key: str) -> str:
    """A key as people read it: `question_mark` is `?`."""
    return NAMES.get(key, key)


def resolve(key: str, scopes: Sequence[Scope]) -> Action | None:
    """What `key` means here: the nearest scope wins; None if it means nothing."""
    for scope in scopes:
        for action in _BY_KEY.get(key, ()):
            if scope in action.scopes:
                return action
    return None


def elsewhere(key: str) -> str:
    """Why `key` does nothing here: what it does, and where."""
    found = _BY_KEY.get(key, [])
    places = {scope.value for action in found for scope in action.scopes}
    title = found[0].title if found else "nothing"
    return f"{shown(key)} ({title}) works in: {', '.join(sorted(places))}"


def all_keys() -> list[str]:
    """Every key that means something somewhere."""
    return list(_BY_KEY)


def clashes(actions: Sequence[Action]) -> list[str]:
    """Keys that two actions want in one scope; the later of the two would never run."""
    taken: dict[tuple[str, Scope], str] = {}
    found = []
    for action in actions:
        for key in action.keys:
            for scope in action.scopes:
                owner = taken.setdefault((key, scope), action.id)
                if owner != action.id:
                    found.append(f"{shown(key)} in {scope}: {owner}, {action.id}")
    return found


def key_of(action_id: str) -> str:
    """The key shown for an action."""
    return shown(BY_ID[action_id].keys[0])


def table() -> list[tuple[str, str, str]]:
    """Keys, title and help of every action, for the README."""
    return [(" ".join(map(shown, a.keys)) or key_of("menu"), a.title, a.help) for a in ACTIONS]


def _index(actions: Sequence[Action]) -> Mapping[str, list[Action]]:
    index: dict[str, list[Action]] = defaultdict(list)
    for action in actions:
        for key in action.keys:
            index[key].append(action)
    return dict(index)


_BY_KEY: Final = _index(ACTIONS)
