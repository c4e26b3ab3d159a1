"""Where answers of the daemon become what is shown: all text in them made harmless."""

from typing import Any, TypeVar

import msgspec

from crabtui.data.sanitize import sanitize

T = TypeVar("T")


def clean(value: T) -> T:
    """The same value with every text in it sanitised, however deep it lies.

    Bytes stay: logs are decoded and sanitised where their lines are drawn.
    """
    return _clean(value)  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value if type(value) is not str else sanitize(value)
    if isinstance(value, msgspec.Struct):
        return _clean_struct(value)
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _clean_struct(value: msgspec.Struct) -> msgspec.Struct:
    changed = {}
    for name in value.__struct_fields__:
        old = getattr(value, name)
        if not isinstance(old, int | float | None):
            new = _clean(old)
            if new is not old:
                changed[name] = new
    return msgspec.structs.replace(value, **changed) if changed else value
