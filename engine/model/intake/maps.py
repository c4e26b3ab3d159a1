"""Reading a map by a table of its keys."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engine.model.intake.draft import Draft
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word

Setter: TypeAlias = Callable[[Draft, Any, str], None]
"""Takes a key's value into the draft, or raises Wrong."""


def read_map(draft: Draft, value: Any, table: Mapping[str, Setter], what: str) -> None:
    """Take every key of the map `value` into `draft`; null says nothing.

    Raises:
        Wrong: it is no map, a key is unknown (names the nearest), or a value is wrong.
    """
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map")
    for key, one in value.items():
        setter = table.get(key)
        if setter is None:
            raise wrong_word(f"key of {what}", str(key), table).under(str(key)[:100])
        if one is None:
            continue
        try:
            setter(draft, one, key)
        except Wrong as wrong:
            raise wrong.under(key) from None
