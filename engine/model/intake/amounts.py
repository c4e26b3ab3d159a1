"""What a job needs, and how long it may take."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from engine.model.intake.draft import Draft
from engine.model.intake.labels import WISHES, slot
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.scalars import duration_ms, name, number, whole
from engine.model.intake.wrong import Wrong, shown, wrong_type
from engine.model.sizes import parse_size

MAX_MS: Final = 3_155_760_000_000
_MAX_MB: Final = 2**40
_MOST_TOKENS: Final = 10**15 - 1


def _need(field: str, read: Callable[[Any], Any]) -> Setter:
    def set_need(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.resources[field] = read(value)

    return set_need


def limit(field: str, read: Callable[[Any], int]) -> Setter:
    """A setter of one of the timeouts."""

    def set_limit(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.timeouts[field] = read(value)

    return set_limit


def _cpu(value: Any) -> int:
    cores = _cores(value) if type(value) is str else value
    return round(number(cores, 0, 100_000) * 1000)


def _cores(value: str) -> float:
    digits, scale = (value[:-1], 1000) if value.endswith("m") else (value, 1)
    try:
        cores = float(digits) / scale
    except ValueError:
        cores = float("nan")
    if not isfinite(cores):
        raise Wrong(f"{shown(value)} is no number of cores; write 2, 0.5 or 500m")
    return cores


def _megabytes(value: Any) -> int:
    if type(value) is not str:
        return whole(value, 0, _MAX_MB)
    size = parse_size(value, bare=2**20)
    if size is None:
        raise Wrong(f"{shown(value)} is no size; write 512M or 2G (a bare number is megabytes)")
    return whole(-(-size // 2**20), 0, _MAX_MB)


def _gpu(draft: Draft, value: Any, key: str) -> None:
    if type(value) is str and not value.isdigit():
        draft.once("gpu_type", key)
        draft.resources["gpu_type"] = name(value)
        draft.resources.setdefault("gpu", 1)
        return
    draft.once("gpu", key)
    count = int(value[:6]) if type(value) is str else value
    draft.resources["gpu"] = whole(count, 0, 10_000)


def _custom(draft: Draft, value: Any, key: str) -> None:
    draft.once("custom", key)
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of names to whole numbers")
    amounts = dict(draft.resources.get("custom", ()))
    for resource, amount in value.items():
        try:
            amounts[name(resource)] = whole(amount, 0, 2**40)
        except Wrong as wrong:
            raise wrong.under(str(resource)[:100]) from None
    draft.resources["custom"] = tuple(sorted(amounts.items()))


def _milliseconds(least: int) -> Callable[[Any], int]:
    return lambda value: whole(value, least, MAX_MS)


def _time(least: int) -> Callable[[Any], int]:
    return lambda value: duration_ms(value, least)


LIMIT_KEYS: Final[Mapping[str, Setter]] = {
    "timeout": limit("hard_ms", _time(1)),
    "timeout_ms": limit("hard_ms", _milliseconds(1)),
    "hard_timeout": limit("hard_ms", _time(1)),
    "hard_timeout_ms": limit("hard_ms", _milliseconds(1)),
    "soft_timeout": limit("soft_ms", _time(1)),
    "soft_timeout_ms": limit("soft_ms", _milliseconds(1)),
    "grace": limit("grace_ms", _time(0)),
    "grace_ms": limit("grace_ms", _milliseconds(0)),
}
"""Timeouts; without `_ms` a bare number is seconds."""

_RESOURCE_KEYS: Final[Mapping[str, Setter]] = {
    "cpu": _need("cpu_milli", _cpu),
    "cpus": _need("cpu_milli", _cpu),
    "cpu_milli": _need("cpu_milli", lambda value: whole(value, 0, 100_000_000)),
    "memory": _need("memory_mb", _megabytes),
    "memory_mb": _need("memory_mb", lambda value: whole(value, 0, _MAX_MB)),
    "gpu": _gpu,
    "gpus": _gpu,
    "gpu_count": _gpu,
    "gpu_type": _need("gpu_type", name),
    "storage": _need("storage_mb", _megabytes),
    "storage_mb": _need("storage_mb", lambda value: whole(value, 0, _MAX_MB)),
    "estimated_duration": slot("estimated_duration_ms", _time(0)),
    "estimated_duration_ms": slot("estimated_duration_ms", _milliseconds(0)),
    "max_cost_usd": slot("max_cost_usd", lambda value: number(value, 0, 1e12)),
    "max_tokens": slot("max_tokens", lambda value: whole(value, 1, _MOST_TOKENS)),
    **WISHES,
}


def _resources(draft: Draft, value: Any, _: str) -> None:
    read_map(draft, value, _IN_RESOURCES, "resources")


_IN_RESOURCES: Final[Mapping[str, Setter]] = {
    **_RESOURCE_KEYS,
    **LIMIT_KEYS,
    "custom": _custom,
}

AMOUNT_KEYS: Final[Mapping[str, Setter]] = {
    "resources": _resources,
    **_RESOURCE_KEYS,
    **LIMIT_KEYS,
}
"""Resources and timeouts, in `resources` or at the top level."""
