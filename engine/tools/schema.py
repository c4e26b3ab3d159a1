"""Schemas: what a function takes, from its annotations and its docstring."""

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from engine.model.words import nearest
from engine.tools.context import ToolContext
from engine.tools.docstring import described


class SchemaError(TypeError):
    """A function that cannot be a tool; says which parameter, and why."""


class Arguments:
    """The arguments of a function: their schema, and how they are checked."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Read the function's signature.

        Raises:
            SchemaError: a parameter has no type, or one that JSON has nothing for.
        """
        name = getattr(function, "__name__", "tool")
        self.about, told = described(function.__doc__)
        hints = _hints(function, name)
        self.context = ""
        """The parameter that gets the ToolContext; empty: none."""
        self._fields: list[Any] = []
        for parameter in inspect.signature(function).parameters.values():
            self._take(parameter, hints, told, name)
        self.type = _struct(name, self._fields)
        self.names = [field[0] for field in self._fields]
        self.schema = _schema(self.type, name)

    def _take(
        self,
        parameter: inspect.Parameter,
        hints: Mapping[str, Any],
        told: Mapping[str, str],
        name: str,
    ) -> None:
        if parameter.kind not in (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.KEYWORD_ONLY,
        ):
            raise SchemaError(f"{name}: {parameter} has no name that a call could give it")
        if parameter.name not in hints:
            raise SchemaError(f"{name}: {parameter.name} has no type; annotate it")
        hint = hints[parameter.name]
        if hint is ToolContext or ToolContext in get_args(hint):
            if self.context:
                raise SchemaError(f"{name}: {self.context} and {parameter.name}: one is enough")
            self.context = parameter.name
            return
        _must_be_json(hint, parameter.name, name)
        if text := told.get(parameter.name):
            hint = Annotated[hint, Meta(description=text)]
        if parameter.default is inspect.Parameter.empty:
            self._fields.append((parameter.name, hint))
        else:
            self._fields.append((parameter.name, hint, _default(parameter.default)))

    def check(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function gets them.

        Raises:
            ValueError: one is unknown, missing or of another type; names it.
        """
        for given in args:
            if given not in self.names:
                raise ValueError(unknown_argument(given, self.names))
        try:
            checked = msgspec.convert(dict(args), self.type, strict=True)
        except msgspec.ValidationError as error:
            raise ValueError(str(error).replace(" - at `$.", " - at `")) from None
        return {name: getattr(checked, name) for name in self.names}


def unknown_argument(given: str, names: list[str]) -> str:
    """What to say of an argument that there is not."""
    near = nearest(given, names)
    there = f"did you mean {near!r}?" if near else f"there is {', '.join(names) or 'none'}"
    return f"unknown argument {given[:100]!r}: {there}"


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise SchemaError(f"{name}: its annotations cannot be read: {error}") from error


def _must_be_json(hint: Any, parameter: str, name: str) -> None:
    try:
        msgspec.json.schema(hint)
    except TypeError:
        kind = getattr(hint, "__name__", hint)
        raise SchemaError(f"{name}: {parameter}: JSON has nothing for {kind}") from None


def _default(value: Any) -> Any:
    """A default as a field has it: what can be changed is made anew for each call."""
    empty = isinstance(value, list | dict | set | bytearray) and not value
    if not empty and (value.__class__.__hash__ is None or isinstance(value, msgspec.Struct)):
        return msgspec.field(default_factory=partial(deepcopy, value))
    return value


def _struct(name: str, fields: list[Any]) -> type[msgspec.Struct]:
    try:
        return msgspec.defstruct(
            f"{name}_arguments", fields, kw_only=True, forbid_unknown_fields=True
        )
    except (TypeError, ValueError, RuntimeError) as error:
        raise SchemaError(f"{name}: {error}") from error


def _schema(kind: type[msgspec.Struct], name: str) -> dict[str, Any]:
    """As JSON schema has it: `{type: object, properties, required, additionalProperties}`."""
    try:
        [schema], components = msgspec.json.schema_components(
            [kind], ref_template="#/$defs/{name}"
        )
        msgspec.msgpack.encode([schema, components])  # as the pool tells it
    except (TypeError, ValueError, OverflowError) as error:
        raise SchemaError(f"{name}: a type that JSON has nothing for: {error}") from error
    own = dict(components.pop(kind.__name__, schema))
    own.pop("title", None)
    return own | ({"$defs": components} if components else {})


def result_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """What a function says that it returns; empty if it says nothing that JSON has."""
    hint = _hints(function, getattr(function, "__name__", "tool")).get("return")
    if hint is None:
        return {}
    try:
        return msgspec.json.schema(hint)
    except TypeError:
        return {}
