"""Calls of tools and stages: what is called, and with what."""

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.model.intake.command import COMMAND_KEYS, own_line
from engine.model.intake.draft import Draft
from engine.model.intake.labels import check_free
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.scalars import line
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word

MAX_TOOL: Final = 200
_STAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?", re.ASCII)


def _tool(draft: Draft, value: Any, _: str) -> None:
    name = line(value, MAX_TOOL)
    if not name.strip():
        raise Wrong("is empty: `crabtui tools list` names the tools")
    own_line(draft, is_call=True)
    draft.call["tool"] = name


def _stage(draft: Draft, value: Any, _: str) -> None:
    name = line(value, MAX_TOOL)
    if "${{" not in name and not _STAGE.fullmatch(name):
        raise Wrong(f"{shown(name)} names no stage: write package.module:Name")
    own_line(draft, is_call=True)
    draft.call["stage"] = name


def _map(field: str) -> Setter:
    def take(draft: Draft, value: Any, key: str) -> None:
        draft.once(f"call.{field}", key)
        if not isinstance(value, Mapping):
            raise wrong_type(value, "a map of names to values")
        check_free(value)
        draft.call[field] = {**draft.call.get(field, {}), **value}

    return take


def _note(draft: Draft, value: Any, key: str) -> None:
    draft.spec["metadata"] = {**draft.spec.get("metadata", {}), key: line(value, MAX_TOOL)}


def _check(draft: Draft, value: Any, key: str) -> None:
    draft.once("call.check", key)
    if value not in CHECKS:
        raise wrong_word("option check", str(value), CHECKS)
    draft.call["context"] = {**draft.call.get("context", {}), "check_options": value}


CHECKS: Final = ("off", "warn", "error")
"""What becomes of a stage's options that are not as it describes them."""

CALL_KEYS: Final[Mapping[str, Setter]] = {
    "tool": _tool,
    "args": _map("args"),
    "stage_module": _stage,
    "stage_opts": _map("args"),
    "stage_context": _map("context"),
    "stage_check": _check,
}
"""What a call may say; at the top level of a job or in its payload."""

EXPERIMENT_KEYS: Final[Mapping[str, Setter]] = dict.fromkeys(
    ["experiment_type", "experiment_name", "experiment_id"], _note
)
"""What an experiment's step may say of itself in its payload; kept as metadata."""

_PAYLOAD: Final = {**COMMAND_KEYS, **CALL_KEYS, **EXPERIMENT_KEYS}


def _payload(draft: Draft, value: Any, _: str) -> None:
    read_map(draft, value, _PAYLOAD, "payload")


PAYLOAD: Final[Mapping[str, Setter]] = {"payload": _payload}

CALL_FREE_KEYS: Final = frozenset({"args", "stage_opts", "stage_context"})
"""Keys below which a file's own types count."""
