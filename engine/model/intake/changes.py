"""Changes of a job that exists, read as people write jobs, on top of its present spec."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from engine.errors import InvalidSpec
from engine.model.intake.draft import Draft
from engine.model.intake.maps import read_map
from engine.model.intake.table import JOB_KEYS, OWN_KEYS
from engine.model.intake.wrong import Wrong, wrong_type, wrong_word
from engine.model.limits import RetryPolicy, Timeouts
from engine.model.resources import Resources
from engine.model.spec import Command, Constraints, JobSpec

_KEYS: Final = {**JOB_KEYS, **OWN_KEYS}
_PARTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "command": Command,
    "resources": Resources,
    "retry": RetryPolicy,
    "timeouts": Timeouts,
    "constraints": Constraints,
}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "tag": "tags",
    "cpu": "cpu_milli",
    "cpus": "cpu_milli",
    "memory": "memory_mb",
    "gpus": "gpu",
    "gpu_count": "gpu",
    "storage": "storage_mb",
    "timeout": "hard_ms",
    "timeout_ms": "hard_ms",
    "hard_timeout": "hard_ms",
    "hard_timeout_ms": "hard_ms",
    "soft_timeout": "soft_ms",
    "soft_timeout_ms": "soft_ms",
    "grace": "grace_ms",
    "retries": "max_attempts",
    "max_retries": "max_attempts",
    "retry_policy": "retry",
    "not_before": "not_before_at",
    "deadline": "deadline_at",
    "group": "concurrency_group",
    "group_limit": "max_concurrent_in_group",
    "session": "session_id",
    "worker": "required_workers",
    "workers": "required_workers",
    "label": "required_labels",
    "labels": "required_labels",
    "after": "depends_on",
    "retry_backoff_ms": "base_ms",
    "estimated_duration": "estimated_duration_ms",
    "log_cap": "log_cap_bytes",
}
"""What a key sets, where the field has another name."""


def changed(
    spec: JobSpec, changes: Mapping[str, Any], *, cwd: str = "/", now_at: int = 0
) -> JobSpec:
    """The spec after these changes; null takes a thing back to its default.

    Args:
        spec: Of the job as it is.
        changes: Keys as in a job; of `resources`, `constraints` and `retry` each counts for
            itself, `metadata` and `env` are added to.
        cwd: Where relative paths start.
        now_at: UTC microseconds from which `not_before: 10m` counts.

    Raises:
        InvalidSpec: the first thing wrong; `field` names it, with the nearest right one.
    """
    draft = _draft_of(spec, cwd, now_at)
    try:
        if not isinstance(changes, Mapping):
            raise wrong_type(changes, "a map")
        for key, value in changes.items():
            if value is None:
                _reset(draft, key)
        read_map(draft, changes, _KEYS, "a job")
        return draft.build()
    except Wrong as wrong:
        raise wrong.error("changes") from None


def _draft_of(spec: JobSpec, cwd: str, now_at: int) -> Draft:
    draft = Draft(cwd, now_at, 0)
    draft.spec = msgspec.structs.asdict(spec)
    for part in _PARTS:
        fields = msgspec.structs.asdict(draft.spec.pop(part))
        setattr(draft, part, fields)
    if draft.command["shell"] is None:
        del draft.command["shell"]
    call = draft.spec.pop("call")
    if call is not None:
        fields = msgspec.structs.asdict(call)
        draft.call = {name: value for name, value in fields.items() if value}
    return draft


def _reset(draft: Draft, key: str) -> None:
    """Take what `key` sets back to its default."""
    if key not in _KEYS:
        raise wrong_word("key of a job", str(key), _KEYS).under(str(key)[:100])
    field = _OTHER_NAMES.get(key, key)
    if field in _PARTS and field != "command":
        getattr(draft, field).clear()
    elif field in draft.spec and field not in ("owner", "tenant", "kind"):
        del draft.spec[field]
    else:
        part = next((part for part in _PARTS if field in _PARTS[part].__struct_fields__), None)
        if part is None:
            raise Wrong("has no default to go back to").under(key)
        getattr(draft, part).pop(field, None)


def differences(was: JobSpec, now: JobSpec) -> dict[str, tuple[object, object]]:
    """What is not the same, by field (`resources.cpu_milli`): (before, after)."""
    found: dict[str, tuple[object, object]] = {}
    for name in JobSpec.__struct_fields__:
        before, after = getattr(was, name), getattr(now, name)
        if name in _PARTS:
            fields = _PARTS[name].__struct_fields__
            pairs = {f"{name}.{f}": (getattr(before, f), getattr(after, f)) for f in fields}
        else:
            pairs = {name: (before, after)}
        found |= {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
    return found


def must_be_editable(was: JobSpec, now: JobSpec) -> None:
    """Let a change of a waiting job pass.

    Raises:
        InvalidSpec: it touches what is fixed at submission; names it.
    """
    for field in differences(was, now):
        if field.partition(".")[0] in FIXED or field in FIXED:
            raise InvalidSpec(
                f"changes.{field}: fixed when a job is submitted; clone it instead",
                field=f"changes.{field}",
            )


FIXED: Final = frozenset(
    {
        "command",
        "call",
        "kind",
        "tenant",
        "namespace",
        "owner",
        "key",
        "trace_id",
        "span_id",
        "parent_id",
        "array",
        "array_index",
        "params",
        "held",
        "constraints.depends_on",
        "constraints.depends_otherwise",
    }
)
"""What no edit changes: who and what a job is, and what it waits for."""
