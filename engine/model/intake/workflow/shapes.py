"""What makes a task more than one job: arrays and fan-outs; and what stands in for it."""

from collections.abc import Mapping
from typing import Any, Final

from engine.model.definition import ArrayDefinition
from engine.model.intake.labels import check_free
from engine.model.intake.scalars import items, text, whole
from engine.model.intake.workflow.edges import task_name
from engine.model.intake.workflow.table import ARRAY_KEYS
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.workflow import Fallback

MOST: Final = 1_000_000
MOST_ITEMS: Final = 100_000


def read_limit(value: Any) -> int:
    """How many may run at once. Raises: Wrong."""
    return whole(value, 1, MOST)


def read_for_each(value: Any) -> str | tuple[Any, ...]:
    """The task whose result is the list, or the list. Raises: Wrong."""
    if isinstance(value, str):
        return task_name(value)
    if not isinstance(value, list | tuple):
        raise wrong_type(value, "the name of a task whose result is a list, or a list")
    found = items(value, "items", MOST_ITEMS)
    for place, one in enumerate(found):
        try:
            check_free({"": one})
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    return tuple(found)


def read_array(value: Any) -> ArrayDefinition:
    """What an array is of. Raises: Wrong."""
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of values, grid or lines")
    for key in value:
        if key not in ARRAY_KEYS:
            raise wrong_word("key of an array", str(key), ARRAY_KEYS).under(str(key)[:100])
    said = {key: one for key, one in value.items() if one is not None}
    ways = [key for key in ("values", "grid", "lines") if said.get(key)]
    if len(ways) != 1:
        raise Wrong(f"has one of values, grid and lines; given: {' and '.join(ways) or 'none'}")
    return ArrayDefinition(
        values=_in("values", said, _words) or (),
        grid=_in("grid", said, _grid) or {},
        lines=_in("lines", said, _words) or (),
        limit=_in("limit", said, read_limit),
        stop_after=_in("stop_after", said, read_limit),
    )


def _in(key: str, said: Mapping[str, Any], read: Any) -> Any:
    if key not in said:
        return None
    try:
        return read(said[key])
    except Wrong as wrong:
        raise wrong.under(key) from None


def _grid(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of names to values")
    return {str(name): _in(name, value, _words) for name in value}


def _words(value: Any) -> tuple[str, ...]:
    """Values as text: numbers as they are written."""
    said = value.split(",") if isinstance(value, str) else items(value, "values", MOST)
    return tuple(_word(place, one) for place, one in enumerate(said))


def _word(place: int, value: Any) -> str:
    if type(value) in (int, float):
        return str(value)
    try:
        return text(value)
    except Wrong as wrong:
        raise wrong.under(f"[{place}]") from None


def read_fallback(value: Any) -> tuple[Fallback | None, str | None]:
    """A value, or the name of a task, that stands in for a result. Raises: Wrong."""
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of value or task")
    for key in value:
        if key not in ("value", "task"):
            raise wrong_word("key of a fallback", str(key), ("value", "task"))
    if len(value) != 1:
        raise Wrong("has one of `value` and `task`")
    if "task" in value:
        return None, _in("task", value, task_name)
    check_free(value)
    return Fallback(value["value"]), None
