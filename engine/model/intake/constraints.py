"""Where and when a job may run."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.model.intake.amounts import LIMIT_KEYS
from engine.model.intake.awaiting import AWAITING_KEYS
from engine.model.intake.draft import Draft
from engine.model.intake.labels import LABEL_KEYS, one_of
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.retry import RETRY_KEYS
from engine.model.intake.scalars import instant, items_or_one, line, name, whole
from engine.model.intake.wrong import Wrong, shown, wrong_type
from engine.model.rules import Placing

_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=/\-]{0,99}")


def _rule(field: str, read: Callable[[Any], Any]) -> Setter:
    def set_rule(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.constraints[field] = read(value)

    return set_rule


def _each(what: str, read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_each(value: Any) -> tuple[Any, ...]:
        found: dict[Any, None] = {}
        for place, one in enumerate(items_or_one(value, what)):
            try:
                found[read(one)] = None
            except Wrong as wrong:
                raise wrong.under(f"[{place}]") from None
        return tuple(found)

    return read_each


def _label(value: Any) -> str:
    if type(value) is not str:
        raise wrong_type(value, "text")
    if not _LABEL.fullmatch(value):
        raise Wrong(f"{shown(value)} cannot be a label; labels look like gpu or zone=b")
    return value


def _time(field: str) -> Setter:
    def set_time(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.constraints[field] = instant(value, draft.now_at, draft.utc_offset_s)

    return set_time


def _blocks(_draft: Draft, value: Any, _key: str) -> None:
    if items_or_one(value, "job ids"):
        raise Wrong("is not available yet; give the other jobs `depends_on` instead")


def _group(value: Any) -> str:
    group = line(value, 200)
    if not group.strip():
        raise Wrong("is empty; leave it out")
    return group


_workers = _each("workers", name)
_labels = _each("labels", _label)
_backends = _each("backends", name)
_required = _rule("required_workers", _workers)
_needed_labels = _rule("required_labels", _labels)

_RULES: Final[Mapping[str, Setter]] = {
    "required_workers": _required,
    "preferred_workers": _rule("preferred_workers", _workers),
    "excluded_workers": _rule("excluded_workers", _workers),
    "required_labels": _needed_labels,
    "required_backends": _rule("required_backends", _backends),
    "preferred_backends": _rule("preferred_backends", _backends),
    "excluded_backends": _rule("excluded_backends", _backends),
    "preferred_labels": _rule("preferred_labels", _labels),
    "excluded_labels": _rule("excluded_labels", _labels),
    "worker": _required,
    "workers": _required,
    "label": _needed_labels,
    "labels": _needed_labels,
    **AWAITING_KEYS,
    "blocks": _blocks,
    "not_before": _time("not_before_at"),
    "not_before_at": _time("not_before_at"),
    "deadline": _time("deadline_at"),
    "deadline_at": _time("deadline_at"),
    "concurrency_group": _rule("concurrency_group", _group),
    "max_concurrent_in_group": _rule(
        "max_concurrent_in_group", lambda value: whole(value, 1, 1_000_000)
    ),
    "group": _rule("concurrency_group", _group),
    "group_limit": _rule("max_concurrent_in_group", lambda value: whole(value, 1, 1_000_000)),
    "goal": _rule("goal", _group),
    "placing": _rule("placing", one_of("placing", {p.value: p for p in Placing})),
    "session": _rule("session_id", lambda value: line(value, 200)),
    "session_id": _rule("session_id", lambda value: line(value, 200)),
    "locality": _rule(
        "locality", one_of("locality", {w: w for w in ("any", "local", "region")})
    ),
}


def _constraints(draft: Draft, value: Any, _: str) -> None:
    read_map(draft, value, _IN_CONSTRAINTS, "constraints")


_IN_CONSTRAINTS: Final[Mapping[str, Setter]] = {
    **_RULES,
    **RETRY_KEYS,
    **LIMIT_KEYS,
    "restart": LABEL_KEYS["restart"],
    "on_partition": LABEL_KEYS["on_partition"],
}

CONSTRAINT_KEYS: Final[Mapping[str, Setter]] = {"constraints": _constraints, **_RULES}
"""Rules in `constraints`, or at the top level."""
