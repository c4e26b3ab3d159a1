"""Keys that people bring with them from other consoles."""

from collections.abc import Mapping
from typing import Final

PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "default": {},
    "htop": {
        "help": "? f1 h",
        "filter": "/ f4 \\",
        "sort": "s f6",
        "raise_priority": "+ = f8",
        "lower_priority": "- _ f7",
        "cancel": "x f9",
        "leave": "q f10",
        "follow": "f F",
        "preview": "o f3",
    },
    "emacs": {
        "help": "? f1",
        "palette": "ctrl+p alt+x",
        "escape": "esc ctrl+g",
        "sift_around": "alt+g",
        "page_down": "pgdn ctrl+v",
        "page_up": "pgup alt+v",
        "first": "g home alt+<",
        "last": "G end alt+>",
    },
    "k9s": {
        "copy_id": "c",
        "critical_path": "C",
        "session": "s",
        "shell": "s",
        "sort": "S",
    },
}
"""Preset, action id, keys as people write them; the keys of all other actions stay."""
