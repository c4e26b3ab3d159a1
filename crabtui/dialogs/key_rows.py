"""The rows of the help: what works here first, then everywhere, then in other views."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crabtui.acts.action import Action
from crabtui.acts.actions import works_in
from crabtui.acts.situation import Scope, Situation
from crabtui.data.keys.names import shown
from crabtui.keymap import Keymap


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One row: the title of a section, an action, or something to know."""

    text: str
    keys: str = ""
    action: str = ""
    """What enter runs; empty: nothing."""
    why_not: str = ""
    """Why it cannot be run now."""
    is_title: bool = False
    is_fault: bool = False


def key_rows(keymap: Keymap, now: Situation, wanted: str = "") -> list[KeyRow]:
    """All keys whose words have `wanted`; sections without any are left out."""
    low = wanted.strip().lower()
    here = [a for a in keymap.actions if a.scopes != {Scope.GLOBAL} and _is_here(a, now)]
    everywhere = [a for a in keymap.actions if a.scopes == {Scope.GLOBAL}]
    rest = [a for a in keymap.actions if not _is_here(a, now)]
    found = [
        *_section("not as the key file wants", _faults(keymap), low),
        *_section("here", _actions(here, now), low),
        *_section("moving", (_row(m, "") for m in keymap.motions), low),
        *_section("everywhere", _actions(everywhere, now), low),
        *_section("in other views", _elsewhere(rest), low),
        *_section("the key file", _file(keymap), low),
    ]
    return found or [KeyRow("no key is like that")]


def _section(title: str, rows: Iterable[KeyRow], wanted: str) -> list[KeyRow]:
    found = [row for row in rows if wanted in f"{row.keys} {row.text} {row.action}".lower()]
    return [KeyRow(title, is_title=True), *found] if found else []


def _actions(actions: Iterable[Action], now: Situation) -> Iterator[KeyRow]:
    for action in actions:
        yield _row(action, action.id, action.why_not(now) or "")


def _elsewhere(actions: Iterable[Action]) -> Iterator[KeyRow]:
    for action in actions:
        yield _row(action, "")


def _row(action: Action, runs: str, why_not: str = "") -> KeyRow:
    keys = " ".join(shown(key) for key in action.keys)
    return KeyRow(action.help or action.title, keys, runs, why_not)


def _faults(keymap: Keymap) -> Iterator[KeyRow]:
    for fault in keymap.faults:
        yield KeyRow(fault, is_fault=True)


def _file(keymap: Keymap) -> Iterator[KeyRow]:
    if keymap.path is not None:
        yield KeyRow(
            f"{keymap.path}: [keys] preset = {keymap.preset!r}, cancel = 'x' and so on"
        )


def _is_here(action: Action, now: Situation) -> bool:
    return works_in(action, now.scopes)
