"""`KEY=VALUE …` as people type it: what to change about a job."""

import shlex
from typing import Any, Final

from engine.errors import InvalidSpec

LISTS: Final = frozenset({"tags", "command"})
"""Fields whose value is a list: items with commas between them, or words of a command."""
NONE: Final = frozenset({"", "none", "-"})


def parse_changes(text: str, *, least: int = 1) -> dict[str, Any]:
    """The changes in `priority=high cpus=2 tags=a,b`; `none` takes a thing back.

    Raises:
        InvalidSpec: no `KEY=VALUE`, fewer than `least`, or a quote that is not closed.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidSpec(f"{error}: quotes come in pairs") from None
    changes = dict(_pair(word) for word in words)
    if len(changes) < least:
        raise InvalidSpec("say what to change: priority=high cpus=2 tags=a,b")
    return changes


def _pair(word: str) -> tuple[str, Any]:
    key, sign, value = word.partition("=")
    if not sign or not key:
        raise InvalidSpec(f"{word[:40]!r} is no KEY=VALUE", nearest=f"{word[:20]}=VALUE")
    return key, _value(key, value)


def _value(key: str, value: str) -> Any:
    if value.lower() in NONE:
        return None
    if key == "command":
        return shlex.split(value)
    if key in LISTS:
        return [item for item in value.split(",") if item]
    if value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value
