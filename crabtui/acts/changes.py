"""`KEY=VALUE …` as people type it: what to change about a job, read as the flags read it."""

import shlex
from typing import Any, Final

from crabtui.cli.options.job import FIELDS, MANY, SWITCHES, read_flags
from engine.errors import InvalidSpec
from engine.model.intake.changes import changed
from engine.model.spec import Command, JobSpec

NONE: Final = frozenset({"", "none", "-"})
"""Values that take a thing back to its default."""
YES: Final = {"yes": True, "true": True, "no": False, "false": False}
_FLAGS: Final = {field: flag for flag, field in FIELDS.items()}
_ANY_JOB: Final = JobSpec(command=Command(argv=("true",)))


def parse_changes(text: str, *, least: int = 1) -> dict[str, Any]:
    """The changes in `priority=high cpus=2 tags=a,b`; `none` takes a thing back.

    Raises:
        InvalidSpec: no `KEY=VALUE`, fewer than `least`, or what no job can be told.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidSpec(f"{error}: quotes come in pairs") from None
    changes: dict[str, Any] = {}
    for word in words:
        changes |= _change(word)
    if len(changes) < least:
        raise InvalidSpec("say what to change: priority=high cpus=2 tags=a,b")
    changed(_ANY_JOB, changes)
    return changes


def _change(word: str) -> dict[str, Any]:
    key, sign, value = word.partition("=")
    if not sign or not key:
        raise InvalidSpec(f"{word[:40]!r} is no KEY=VALUE", nearest=f"{word[:20]}=VALUE")
    flag = _FLAGS.get(key, key).replace("-", "_")
    if value.lower() in NONE:
        return {FIELDS.get(flag, flag): None}
    if key in ("command", "argv"):
        return {"argv": shlex.split(value)}
    if flag in SWITCHES:
        return {flag: YES.get(value.lower(), value)}
    return read_flags({flag: _items(value) if flag in MANY else value})


def _items(text: str) -> tuple[str, ...]:
    return tuple(item for item in text.split(",") if item)
