"""Who a job is for and what it is called: the fields that people search by."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from engine.model.ids import MAX_ID
from engine.model.intake.draft import Draft
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.scalars import items_or_one, job_id, line, name, text, whole, yes_no
from engine.model.intake.watching import watching
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.limits import Partition, Restart
from engine.model.priority import ALIASES
from engine.model.sizes import parse_size
from engine.model.spec import Kind, LogPolicy

MAX_NAME: Final = 200
MAX_DESCRIPTION: Final = 10_000
MAX_DEPTH: Final = 16
MAX_NODES: Final = 10_000
_HEX = re.compile(r"[0-9a-fA-F]+")


def slot(field: str, read: Callable[[Any], Any]) -> Setter:
    """A setter of one field of the spec itself."""

    def set_slot(draft: Draft, value: Any, key: str) -> None:
        draft.once(field, key)
        draft.spec[field] = read(value)

    return set_slot


def one_of(what: str, known: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A reader of a word from a closed set."""

    def read_word(value: Any) -> Any:
        if type(value) is not str:
            raise wrong_type(value, f"a {what}")
        found = known.get(value.lower())
        if found is None:
            raise wrong_word(what, value, known)
        return found

    return read_word


def _kind(value: Any) -> Kind:
    kind: Kind = one_of("kind", {kind.value: kind for kind in Kind})(value)
    if kind in (Kind.COMPOSITE, Kind.BACKEND_COMMAND):
        raise Wrong(f"jobs of kind {kind.value!r} are made by the engine alone", near="command")
    return kind


def _description(value: Any) -> str:
    description = text(value)
    if len(description) > MAX_DESCRIPTION:
        raise Wrong(f"has {len(description)} characters; at most {MAX_DESCRIPTION} are allowed")
    return description


def _tag(value: Any) -> str:
    tag = line(value, 100)
    if not tag.strip():
        raise Wrong("is empty")
    return tag


def _tags(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys([_tag(tag) for tag in items_or_one(value, "tags")]))


def _key(value: Any) -> str:
    key = line(value, MAX_NAME)
    if not key:
        raise Wrong("is empty; leave it out")
    return key


def _hex(digits: int) -> Callable[[Any], str]:
    def read_hex(value: Any) -> str:
        given = text(value)
        if len(given) != digits or not _HEX.fullmatch(given) or not given.strip("0"):
            raise Wrong(f"{shown(given)} is no id of {digits} hexadecimal digits, not all 0")
        return given.lower()

    return read_hex


def _log_cap(value: Any) -> int:
    size = parse_size(value) if type(value) is str else value
    if size is None:
        raise Wrong(f"{shown(value)} is no size; write 64M or 1G")
    return whole(size, 4096, 2**40)


def _metadata(draft: Draft, value: Any, key: str) -> None:
    draft.once("metadata", key)
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map")
    check_free(value)
    draft.spec["metadata"] = {**draft.spec.get("metadata", {}), **value}


def _tmux(draft: Draft, value: Any, key: str) -> None:
    draft.once("tmux", key)
    draft.spec["tmux"] = watching(value, draft.spec.get("tmux"))


def check_free(value: Any) -> None:
    """Let data pass that JSON can carry. Raises: Wrong: too much, too deep, or no such data."""
    _check_free(value, 0, [0])


def _check_free(value: Any, depth: int, count: list[int]) -> None:
    """Refuse free data that is too much, too deep, or that JSON cannot carry."""
    count[0] += 1
    if depth > MAX_DEPTH:
        raise Wrong(f"is nested more than {MAX_DEPTH} deep")
    if count[0] > MAX_NODES:
        raise Wrong(f"has more than {MAX_NODES} values")
    if isinstance(value, Mapping):
        for key, one in value.items():
            _check_member(key, one, depth, count)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            _check_under(f"[{place}]", one, depth, count)
    elif isinstance(value, str):
        text(value)
    elif not _is_plain(value):
        raise Wrong(f"{shown(value)} is nothing that JSON can carry")


def _check_member(key: Any, value: Any, depth: int, count: list[int]) -> None:
    if type(key) is not str:
        raise wrong_type(key, "a map with text for keys")
    text(key)
    _check_under(key[:100], value, depth, count)


def _check_under(key: str, value: Any, depth: int, count: list[int]) -> None:
    try:
        _check_free(value, depth + 1, count)
    except Wrong as wrong:
        raise wrong.under(key) from None


def _is_plain(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -MAX_ID <= value <= MAX_ID
    return isinstance(value, float) and isfinite(value)


def _note(draft: Draft, value: Any, key: str) -> None:
    draft.spec["metadata"] = {**draft.spec.get("metadata", {}), key: text(value)}


def _wish(draft: Draft, value: Any, key: str) -> None:
    draft.spec["metadata"] = {**draft.spec.get("metadata", {}), key: yes_no(value)}


def _critical(draft: Draft, value: Any, _: str) -> None:
    draft.critical = yes_no(value)


def _evaluation(draft: Draft, value: Any, _: str) -> None:
    read_map(draft, value, _EVALUATION, "evaluation")


_EVALUATION: Final[Mapping[str, Setter]] = {
    "run_id": _note,
    "rubric_path": _note,
    "is_promotion_gate": slot("is_promotion_gate", yes_no),
    "agent_phase": slot("agent_phase", lambda value: whole(value, 1, 4)),
}

WISHES: Final[Mapping[str, Setter]] = {
    "requires_network": _wish,
    "requires_external_api": _wish,
}
"""Kept as metadata: a command is not fenced off from anything."""

_held = slot("held", yes_no)
_tenant = slot("tenant", name)
_log_bytes = slot("log_cap_bytes", _log_cap)

LABEL_KEYS: Final[Mapping[str, Setter]] = {
    "kind": slot("kind", _kind),
    "name": slot("name", lambda value: line(value, MAX_NAME)),
    "description": slot("description", _description),
    "queue": slot("queue", name),
    "priority": slot("priority", one_of("priority", ALIASES)),
    "tenant": _tenant,
    "tenant_id": _tenant,
    "namespace": slot("namespace", name),
    "owner": slot("owner", lambda value: line(value, 100)),
    "tags": slot("tags", _tags),
    "tag": slot("tags", _tags),
    "metadata": _metadata,
    "key": slot("key", _key),
    "trace_id": slot("trace_id", _hex(32)),
    "span_id": slot("span_id", _hex(16)),
    "parent_id": slot("parent_id", job_id),
    "hold": _held,
    "held": _held,
    "restart": slot("restart", one_of("restart contract", {r.value: r for r in Restart})),
    "preemptible": slot("preemptible", yes_no),
    "on_partition": slot(
        "on_partition", one_of("answer to a partition", {p.value: p for p in Partition})
    ),
    "log_policy": slot("log_policy", one_of("log policy", {p.value: p for p in LogPolicy})),
    "tmux": _tmux,
    "log_cap": _log_bytes,
    "log_cap_bytes": _log_bytes,
    "is_critical": _critical,
    "evaluation": _evaluation,
    "is_promotion_gate": slot("is_promotion_gate", yes_no),
    "agent_phase": slot("agent_phase", lambda value: whole(value, 1, 4)),
}
"""Fields at the top level of a job that stand in the spec itself."""
