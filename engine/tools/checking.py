"""What can be told of arguments by a schema alone, before anybody has loaded the tool."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.tools.schema import unknown_argument

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}

OPENS: Final = "${{"
"""Begins a place that is filled in when the job starts: what comes there is not known yet."""


def problems(schema: Mapping[str, Any], args: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with arguments; what a schema leaves open is judged when they are used."""
    known = schema.get("properties", {})
    for name, value in args.items():
        if name not in known:
            yield unknown_argument(name, list(known))
        elif not (isinstance(value, str) and OPENS in value) and not fits(known[name], value):
            yield f"{name}: must be {wanted(known[name])}, not {value!r:.60}"
    for name in schema.get("required", ()):
        if name not in args:
            yield f"missing argument {name!r}"


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is of the type that a schema wants, as far as it says it plainly."""
    if "enum" in schema:
        return value in schema["enum"]
    if "anyOf" in schema:
        return any(fits(one, value) for one in schema["anyOf"])
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return True
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES[kind])


def wanted(schema: Mapping[str, Any]) -> str:
    """What a schema wants, in words."""
    if "enum" in schema:
        return f"one of {', '.join(map(repr, schema['enum']))}"
    if "anyOf" in schema:
        return " or ".join(wanted(one) for one in schema["anyOf"])
    return str(schema.get("type", "what its tool says"))
