"""Keys as people write and read them, and as the terminal's library names them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from engine.errors import InvalidSpec
from engine.model.words import nearest

NAMES: Final[Mapping[str, str]] = {
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "underscore": "_",
    "slash": "/",
    "backslash": "\\",
    "colon": ":",
    "semicolon": ";",
    "question_mark": "?",
    "exclamation_mark": "!",
    "asterisk": "*",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "percent_sign": "%",
    "ampersand": "&",
    "apostrophe": "'",
    "quotation_mark": '"',
    "at": "@",
    "comma": ",",
    "full_stop": ".",
    "number_sign": "#",
    "dollar_sign": "$",
    "circumflex_accent": "^",
    "grave_accent": "`",
    "tilde": "~",
    "vertical_line": "|",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pagedown": "pgdn",
    "pageup": "pgup",
}
"""How keys whose name is no picture of them are shown."""

_NAMED: Final = frozenset(
    {"enter", "tab", "space", "backspace", "delete", "insert", "home", "end"}
    | {"escape", "left", "right", "up", "down", "pageup", "pagedown"}
    | {f"f{number}" for number in range(1, 25)}
)
_ALIASES: Final[Mapping[str, str]] = {
    "esc": "escape",
    "return": "enter",
    "pgdn": "pagedown",
    "pgup": "pageup",
    "del": "delete",
    "ins": "insert",
    "hyphen": "minus",
} | {sign: name for name, sign in NAMES.items()}
_MODIFIERS: Final = ("ctrl", "alt", "shift")

_AS_OTHERS: Final = "many terminals send the same for it as for another key"
_TAKEN: Final = "tmux and screen take it for themselves"
_BROWSER: Final = "browsers take it for themselves"
FORBIDDEN: Final[Mapping[str, str]] = {
    "ctrl+h": _AS_OTHERS,
    "ctrl+i": _AS_OTHERS,
    "ctrl+j": _AS_OTHERS,
    "ctrl+m": _AS_OTHERS,
    "ctrl+left_square_bracket": _AS_OTHERS,
    "ctrl+a": _TAKEN,
    "ctrl+b": _TAKEN,
    "ctrl+s": "terminals stop their output at it",
    "ctrl+z": "it suspends the console",
    "ctrl+space": "input methods and terminals take it for themselves",
    "ctrl+at": "input methods and terminals take it for themselves",
    "ctrl+w": _BROWSER,
    "ctrl+t": _BROWSER,
    "ctrl+n": _BROWSER,
}
"""Chords that never reach a console everywhere, and why."""

_LETTER_CHORD: Final = re.compile(r"shift\+([a-z])")


def shown(key: str) -> str:
    """A key as people read it: `question_mark` is `?`."""
    *chord, last = key.split("+") if "+" in key else [key]
    return "+".join([*chord, NAMES.get(last, last)])


def read_key(text: str) -> str:
    """The library's name of a key as a person wrote it: `?`, `pgdn`, `ctrl+p`, `Shift+X`.

    Raises:
        InvalidSpec: no such key, with the nearest; or a chord that is not for us.
    """
    chord, last = _parted(text)
    name = _named(last, text)
    if chord == ["shift"] and name.isalpha() and len(name) == 1:
        return name.upper()
    key = "+".join([*(word for word in _MODIFIERS if word in chord), name])
    if key.lower() in FORBIDDEN:
        raise InvalidSpec(f"{text!r} cannot be used: {FORBIDDEN[key.lower()]}")
    return key


def _parted(text: str) -> tuple[list[str], str]:
    """Modifiers in small letters, and the key itself."""
    if len(text) == 1:
        return [], text
    rest, _, last = text.rpartition("+")
    if not last and rest.endswith("+"):
        rest, last = rest[:-1], "+"
    chord = [word.strip().lower() for word in rest.split("+")] if rest else []
    for word in chord:
        if word not in _MODIFIERS:
            raise InvalidSpec(f"{text[:40]!r} is no key: ctrl, alt or shift go before a key")
    return chord, last.strip()


def _named(last: str, text: str) -> str:
    if len(last) == 1 and last.isalnum() and last.isascii():
        return last
    low = last.lower()
    if low in _NAMED or low in NAMES:
        return low
    if last in _ALIASES or low in _ALIASES:
        return _ALIASES.get(last) or _ALIASES[low]
    if len(last) == 1 and last.isprintable() and not last.isspace():
        return unicodedata.name(last, last).lower().replace("-", "_").replace(" ", "_")
    near = nearest(low, {*_NAMED, *_ALIASES})
    hint = f": did you mean {near!r}?" if near else ""
    raise InvalidSpec(f"{text[:40]!r} is no key{hint}", nearest=near)
