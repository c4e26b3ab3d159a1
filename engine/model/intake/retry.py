"""When a job is tried again: a preset, a table, or single numbers at the top level."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from engine.errors import Category
from engine.model.intake.draft import Draft
from engine.model.intake.labels import one_of
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.scalars import duration_ms, items_or_one, number, whole, yes_no
from engine.model.intake.wrong import Wrong, wrong_type
from engine.model.limits import NEVER, PRESETS, Backoff

MAX_ATTEMPTS: Final = 1_000
MAX_WAIT_MS: Final = 7 * 86_400_000

_POLICIES: Final = {
    name: msgspec.structs.asdict(policy)
    for name, policy in {**PRESETS, "never": NEVER, "none": NEVER}.items()
}
_NEVER_AGAIN: Final = frozenset(
    {Category.CANCELED, Category.VALIDATION, Category.QUOTA, Category.PERMISSION}
)


def _rule(field: str, read: Callable[[Any], Any]) -> Setter:
    def set_rule(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.retry[field] = read(value)

    return set_rule


def _policy(draft: Draft, value: Any, key: str) -> None:
    draft.once("retry", key)
    if type(value) is str:
        _preset(draft, value, key)
    elif isinstance(value, Mapping):
        preset = value.get("preset")
        if preset is not None:
            _preset(draft, preset, "preset")
        read_map(draft, value, _IN_RETRY, key)
    else:
        raise wrong_type(value, "a preset ('work', 'crab', 'never') or a map")


def _preset(draft: Draft, value: Any, _: str) -> None:
    for field, one in one_of("retry preset", _POLICIES)(value).items():
        if field not in draft.seen:
            draft.retry[field] = one


def _skip(_draft: Draft, _value: Any, _key: str) -> None:
    """`preset` was read before the keys that refine it."""


def _codes(value: Any) -> tuple[int, ...]:
    return tuple(sorted({whole(code, 1, 255) for code in items_or_one(value, "exit codes")}))


def _categories(value: Any) -> tuple[Category, ...]:
    read = one_of("error category", {category.value: category for category in Category})
    found = {read(word) for word in items_or_one(value, "error categories")}
    never = found & _NEVER_AGAIN
    if never:
        raise Wrong(f"errors of category {min(never).value!r} are never retried")
    return tuple(sorted(found))


_attempts = _rule("max_attempts", lambda value: whole(value, 1, MAX_ATTEMPTS))
_retries = _rule("max_attempts", lambda value: whole(value, 0, MAX_ATTEMPTS - 1) + 1)
_base_ms = _rule("base_ms", lambda value: whole(value, 0, MAX_WAIT_MS))

_TOP: Final[Mapping[str, Setter]] = {
    "max_attempts": _attempts,
    "max_retries": _retries,
    "retries": _retries,
    "retry_backoff_ms": _base_ms,
}

_IN_RETRY: Final[Mapping[str, Setter]] = {
    **_TOP,
    "preset": _skip,
    "backoff": _rule("backoff", one_of("backoff", {kind.value: kind for kind in Backoff})),
    "base": _rule("base_ms", lambda value: duration_ms(value, 0)),
    "base_ms": _base_ms,
    "multiplier": _rule("multiplier", lambda value: number(value, 1, 100)),
    "max": _rule("max_ms", lambda value: duration_ms(value, 0)),
    "max_ms": _rule("max_ms", lambda value: whole(value, 0, MAX_WAIT_MS)),
    "jitter": _rule("jitter", yes_no),
    "exit_codes": _rule("exit_codes", _codes),
    "on_signal": _rule("on_signal", yes_no),
    "on_timeout": _rule("on_timeout", yes_no),
    "categories": _rule("categories", _categories),
}

RETRY_KEYS: Final[Mapping[str, Setter]] = {"retry": _policy, "retry_policy": _policy, **_TOP}
"""`retry` whole, or its commonest numbers at the top level; these win over a preset."""
