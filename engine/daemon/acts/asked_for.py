"""What an act was asked for, as its account tells it: no secrets, and never very much."""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.control.messages import Request, Targets
from engine.model.secrets import HIDDEN, is_secret

NAMED = 100
"""Ids that an account names at most."""

MOST = 200
"""Characters of a text, entries of a table."""

TOLD_OTHERWISE = frozenset({"targets", "why", "request_key"})


def asked_for(request: Request[Any]) -> dict[str, object]:
    """The fields of a request that say something, its targets among them."""
    told: dict[str, object] = {}
    for field in msgspec.structs.fields(type(request)):
        value = getattr(request, field.name)
        if field.name not in TOLD_OTHERWISE and value not in (field.default, None, (), {}):
            told[field.name] = plain(field.name, value)
    targets = getattr(request, "targets", None)
    return told | (_targets(targets) if isinstance(targets, Targets) else {})


def _targets(targets: Targets) -> dict[str, object]:
    if targets.where is not None:
        told: dict[str, object] = {"where": targets.where[:1_000]}
        return told | ({"seq": targets.seq} if targets.seq is not None else {})
    return {"ids": list(targets.ids[:NAMED])}


def plain(name: str, value: object) -> object:
    """A value for the log: short, and without secrets.

    Args:
        name: Of the field; one that sounds like a secret hides its value.
        value: Of any kind that a request has.
    """
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if is_secret(name) and name != "key":
        return HIDDEN
    if isinstance(value, str):
        return value if len(value) <= MOST else f"{value[:MOST]}…"
    if isinstance(value, Mapping):
        return {str(key): plain(str(key), one) for key, one in list(value.items())[:MOST]}
    if isinstance(value, list | tuple):
        return [plain("", one) for one in value[:MOST]]
    return value
