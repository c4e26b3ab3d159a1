"""Who gets which key: the wishes of a preset and a key file against what is there already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Final

from crabtui.acts.action import Action
from crabtui.acts.situation import Scope
from crabtui.data.keys.keyfile import KeyFile, Wish
from crabtui.data.keys.names import read_key, shown
from crabtui.data.keys.presets import PRESETS
from crabtui.places import NAMES

Keys = Mapping[str, tuple[str, ...]]

APART: Final = frozenset(scope for scope in Scope if scope in NAMES) | {Scope.FLOW}
"""The scopes of views, and of one run: never two of them are heard at once; others may be."""

NEEDED: Final = frozenset({"escape", "help", "command", "leave"})
"""Without a key for these nobody finds the way back."""


def plan_keys(file: KeyFile, actions: Sequence[Action]) -> tuple[Keys, tuple[str, ...]]:
    """The keys of every action by its id, and what of the file could not be had, and why.

    A wish that would hide another key where that works is ignored, the later of two first.
    """
    known = {action.id: action for action in actions}
    wishes = [wish for wish in (*_preset(file.preset), *file.wishes) if wish.action in known]
    plan = _Plan(known)
    kept = [wish for wish in wishes if plan.may_have(wish)]
    return plan.settled(kept), (*file.faults, *plan.faults)


def _preset(name: str) -> list[Wish]:
    return [
        Wish(action, tuple(read_key(word) for word in words.split()), f"preset {name}")
        for action, words in PRESETS[name].items()
    ]


class _Plan:
    """Actions with their keys, and the wishes that could not be had."""

    def __init__(self, known: Mapping[str, Action]) -> None:
        self._known = known
        self._usual = {name: action.keys for name, action in known.items()}
        self._allowed = {(a, b) for a, b, _ in self._meetings(self._usual)}
        """Pairs that share a key from the start: the nearer one is meant to win."""
        self.faults: list[str] = []

    def may_have(self, wish: Wish) -> bool:
        """Whether a wish is fit to be had at all."""
        if not wish.keys and wish.action in NEEDED:
            return self._refuse(wish, "needs a key")
        chord = next((key for key in wish.keys if key.startswith("ctrl+")), None)
        if chord and self._known[wish.action].acts:
            return self._refuse(wish, f"changes something, so {shown(chord)} is not for it")
        return True

    def settled(self, wishes: Sequence[Wish]) -> Keys:
        """The keys of all, once those wishes are dropped that stand in the way of others."""
        while True:
            keys = self._usual | {wish.action: wish.keys for wish in wishes}
            clash = next(iter(self._clashes(keys)), None)
            if clash is None:
                return keys
            wishes = self._without(wishes, *clash)

    def _without(self, wishes: Sequence[Wish], a: str, b: str, key: str) -> list[Wish]:
        """The wishes but the last that has a part in this clash; it is told."""
        to_blame = [wish for wish in wishes if wish.action in (a, b)][-1]
        other = self._known[b if to_blame.action == a else a]
        self._refuse(to_blame, f"{shown(key)} is the key of {other.id} ({other.title})")
        return [wish for wish in wishes if wish is not to_blame]

    def _clashes(self, keys: Keys) -> Iterable[tuple[str, str, str]]:
        return (
            (a, b, key) for a, b, key in self._meetings(keys) if (a, b) not in self._allowed
        )

    def _meetings(self, keys: Keys) -> Iterable[tuple[str, str, str]]:
        """Pairs of actions that one key would mean at one place."""
        owners: dict[str, list[str]] = defaultdict(list)
        for name, own in keys.items():
            for key in own:
                owners[key].append(name)
        for key, names in owners.items():
            for a, b in combinations(sorted(names), 2):
                if self._meet(a, b):
                    yield a, b, key

    def _meet(self, a: str, b: str) -> bool:
        """Whether there is a place where both are heard."""
        pairs = product(self._known[a].scopes, self._known[b].scopes)
        return any(one is other or not {one, other} <= APART for one, other in pairs)

    def _refuse(self, wish: Wish, why: str) -> bool:
        self.faults.append(f"{wish.where}: {wish.action}: {why}")
        return False
