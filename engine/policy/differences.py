"""Differences: what two maps say differently, down to their single values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MOST_DEEP: Final = 20

_NOTHING: Final = object()

Difference = tuple[str, Any, Any]
"""A dotted path, and what stands there in one and in the other; None where nothing does."""


def differences(one: Any, other: Any, path: str = "") -> Iterator[Difference]:
    """What differs, in order of path; lists are compared place by place."""
    if one == other and type(one) is type(other):
        return
    if isinstance(one, Mapping) and isinstance(other, Mapping) and path.count(".") < MOST_DEEP:
        for key in sorted({*one, *other}, key=str):
            below = f"{path}.{key}" if path else str(key)
            yield from _at(one.get(key, _NOTHING), other.get(key, _NOTHING), below)
    elif _are_lists(one, other) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}[{place}]")
    else:
        yield path, one, other


def _at(one: Any, other: Any, path: str) -> Iterator[Difference]:
    if one is _NOTHING or other is _NOTHING:
        yield path, None if one is _NOTHING else one, None if other is _NOTHING else other
    else:
        yield from differences(one, other, path)


def _are_lists(one: Any, other: Any) -> bool:
    return all(
        isinstance(each, Sequence) and not isinstance(each, str) for each in (one, other)
    )
