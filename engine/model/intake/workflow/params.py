"""The params of a workflow: what it asks for, what it is given, and their places in texts."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from engine.model.ids import NAME
from engine.model.intake.labels import check_free
from engine.model.intake.lines import decode_json
from engine.model.intake.placeholders import (
    OPENS,
    Look,
    Place,
    check_shell,
    dig,
    fill,
    fill_shell,
    fill_text,
)
from engine.model.intake.workflow.table import LINE_KEYS, TEXT_KEYS
from engine.model.intake.wrong import Wrong, kind_of, shown, wrong_type, wrong_word

Put: TypeAlias = Callable[[str, Look, Collection[str]], Any]

_OURS: Final = frozenset({"params"})
_IN_PARAM: Final = frozenset({"default", "required", "description"})


def take_params(asked: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each param: what was given, or its default.

    Args:
        asked: As the definition has it: defaults by name, or maps of `default`, `required`
            and `description`.
        given: By name. Text is read as JSON where the default is no text.

    Raises:
        Wrong: one is missing, unknown, or of another type than its default.
    """
    asked = {} if asked is None else asked
    if not isinstance(asked, Mapping):
        raise wrong_type(asked, "a map of names to defaults")
    for name in given:
        if name not in asked:
            raise _unknown(name, asked).under(str(name)[:100])
    values = {}
    for name in asked:
        try:
            values[name] = _value(asked, name, given)
        except Wrong as wrong:
            raise wrong.under(str(name)[:100]) from None
    return values


def _unknown(name: str, asked: Mapping[str, Any]) -> Wrong:
    if not asked:
        return Wrong(f"unknown param {str(name)[:100]!r}: the workflow has none")
    return wrong_word("param", str(name), map(str, asked))


def _value(asked: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> Any:
    if NAME.fullmatch(name) is None or "." in name:
        raise Wrong("cannot be a param's name: use 1 to 100 of a-z, A-Z, 0-9, '_' and '-'")
    default, is_required = _default(asked[name])
    if name not in given:
        if is_required:
            raise Wrong(f"is missing: give it as `-p {name}=…`")
        return _sound(default)
    return _sound(_like(default, given[name]))


def _default(told: Any) -> tuple[Any, bool]:
    """The default, and whether a value must be given; a bare value is the default."""
    if not isinstance(told, Mapping) or _IN_PARAM.isdisjoint(told):
        return told, False
    for key in told:
        if key not in _IN_PARAM:
            raise wrong_word("key of a param", str(key), _IN_PARAM)
    is_required = told.get("required", "default" not in told)
    if type(is_required) is not bool:
        raise wrong_type(is_required, "true or false").under("required")
    return told.get("default"), is_required


def _like(default: Any, value: Any) -> Any:
    """`value` as the type of the default, if that says one."""
    if default is None or isinstance(default, str):
        return value
    if isinstance(value, str):
        value = _decoded(value)
    if kind_of(value) != kind_of(default):
        raise wrong_type(value, kind_of(default))
    return value


def _decoded(text: str) -> Any:
    try:
        return decode_json(text)
    except (json.JSONDecodeError, ValueError):
        return text


def _sound(value: Any) -> Any:
    """A value that can be filled in without becoming a place itself."""
    check_free({"": value})
    if OPENS in json.dumps(value, ensure_ascii=False):
        raise Wrong(f"contains {OPENS}, which would be filled in again ({shown(value)})")
    return value


class Params:
    """Fills the params of one workflow into what its tasks say."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def within(self, value: Any) -> Any:
        """A value with each param in its place; all else is left as it is. Raises: Wrong."""
        if isinstance(value, str):
            return self._text(value, fill) if OPENS in value else value
        if isinstance(value, Mapping):
            return {key: self._part(str(key), key, one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._item(place, one) for place, one in enumerate(value)]
        return value

    def _part(self, step: str, key: Any, value: Any) -> Any:
        try:
            if key in LINE_KEYS and isinstance(value, str):
                return self._line(value)
            return self._plain(value) if key in TEXT_KEYS else self.within(value)
        except Wrong as wrong:
            raise wrong.under(step[:100]) from None

    def _item(self, place: int, value: Any) -> Any:
        try:
            return self.within(value)
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None

    def _plain(self, value: Any) -> Any:
        """What is text all through."""
        if isinstance(value, str):
            return self._text(value, fill_text)
        if isinstance(value, Mapping):
            return {key: self._plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(one) for one in value]
        return value

    def _line(self, line: str) -> Any:
        if OPENS in line:
            check_shell(line)
        return self._text(line, fill_shell)

    def _text(self, text: str, put: Put) -> Any:
        return put(text, self._look, _OURS) if OPENS in text else text

    def _look(self, place: Place) -> Any:
        name, _, path = place.path.partition(".")
        if name not in self.values:
            raise _unknown(name, self.values)
        return dig(self.values[name], path)
