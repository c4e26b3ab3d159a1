"""The key file: which keys a person wants for which actions, and what is wrong with it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crabtui.data.keys.names import read_key
from engine.errors import InvalidSpec
from engine.model.words import nearest

DEFAULT: Final = "default"
TABLE: Final = "keys"
PRESET: Final = "preset"


@dataclass(frozen=True, slots=True)
class Wish:
    """These keys for this action; none: it is only in the action menu."""

    action: str
    keys: tuple[str, ...]
    where: str = ""
    """The place to name if it cannot be had: `keys.toml:3`."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file says; what could not be understood is in `faults`, a line each."""

    preset: str = DEFAULT
    wishes: tuple[Wish, ...] = ()
    faults: tuple[str, ...] = ()


def read_keyfile(
    text: str, name: str, *, actions: Iterable[str], presets: Iterable[str]
) -> KeyFile:
    """What the text of a key file says; lines that make no sense are told, not raised.

    Args:
        text: TOML with a table `[keys]`: `preset = "htop"`, `cancel = "x"`,
            `kill = ["X", "f9"]`, `undo = []`.
        name: Of the file, for what is told.
        actions: The ids that there are.
        presets: The presets that there are.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return KeyFile(faults=(f"{name}: not TOML: {error}; the keys are as they always were",))
    return _Reading(text, name, frozenset(actions), tuple(presets)).read(found)


class _Reading:
    """One file being read."""

    def __init__(
        self, text: str, name: str, actions: frozenset[str], presets: tuple[str, ...]
    ) -> None:
        self._lines = text.splitlines()
        self._name = name
        self._actions = actions
        self._presets = presets
        self._faults: list[str] = []

    def read(self, found: Mapping[str, Any]) -> KeyFile:
        for other in found.keys() - {TABLE, PRESET}:
            self._unknown("entry", other, {TABLE, PRESET})
        table = found.get(TABLE, {})
        if not isinstance(table, dict):
            self._fault(TABLE, "is a table: [keys]")
            table = {}
        preset = self._preset(table.get(PRESET, found.get(PRESET, DEFAULT)))
        wishes = [self._wish(action, keys) for action, keys in table.items()]
        known = tuple(wish for wish in wishes if wish is not None)
        return KeyFile(preset, known, tuple(self._faults))

    def _preset(self, wanted: object) -> str:
        if wanted in self._presets:
            return str(wanted)
        self._unknown(PRESET, str(wanted), self._presets, at=PRESET)
        return DEFAULT

    def _wish(self, action: str, keys: object) -> Wish | None:
        if action == PRESET:
            return None
        if action not in self._actions:
            self._unknown("action", action, self._actions)
            return None
        words = [keys] if isinstance(keys, str) else keys
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            self._fault(action, 'takes a key, as "x", or a list of keys')
            return None
        try:
            names = tuple(dict.fromkeys(read_key(word) for word in words))
        except InvalidSpec as error:
            self._fault(action, error.message)
            return None
        return Wish(action, names, self._place(action))

    def _unknown(
        self, kind: str, word: str, known: Iterable[str], at: str | None = None
    ) -> None:
        near = nearest(word, known)
        hint = f": did you mean {near!r}?" if near else ""
        self._faults.append(f"{self._place(at or word)}: unknown {kind} {word[:60]!r}{hint}")

    def _fault(self, entry: str, what: str) -> None:
        self._faults.append(f"{self._place(entry)}: {entry}: {what}")

    def _place(self, entry: str) -> str:
        """`keys.toml:3`, where the entry is found; else only the file's name."""
        wanted = re.compile(
            rf'\s*(?:\[|keys\s*\.\s*)?\s*["\']?{re.escape(entry)}["\']?\s*[=\].]'
        )
        for number, line in enumerate(self._lines, 1):
            if wanted.match(line):
                return f"{self._name}:{number}"
        return self._name
