"""What operators did, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from msgspec import ValidationError, convert

from crabtui.data.wording import plural
from engine.control.views import ActView
from engine.model.events import Event

SHOWN: Final = 5
"""Ids that a line names; more are counted."""

LONGEST: Final = 60

NEAR: Final = 5_000_000
"""Microseconds between an act and its answer; further apart it is another one."""

_QUIET: Final = frozenset({"ids", "where", "name", "seq", "id", "act", "undo_ms", "cwd", "env"})
"""Parameters that are told in words of their own, or only say where somebody stood."""


_TOLD: Final = frozenset(
    {"verb", "asked", "total", "changed", "unchanged", "refused", "left", "stopped", "error"}
)


def described(act: ActView) -> str:
    """What was to be done, and to what: `cancel #12 #13`, `set_queue gpu limit=9`."""
    words = [_verb(act), _objects(act)]
    words += [f"{key}={_short(value)}" for key, value in act.asked.items() if key not in _QUIET]
    return " ".join(word for word in words if word)


def counted(act: ActView) -> str:
    """What came of it: `12 changed, 1 refused`; or why it broke off."""
    parts = [
        f"{number:,} {word}"
        for number, word in (
            (act.changed, "changed"),
            (act.unchanged, "as it was" if act.unchanged == 1 else "as they were"),
            (act.refused, "refused"),
            (act.left, "left alone"),
        )
        if number
    ]
    if act.stopped:
        parts.append("stopped")
    if act.error:
        parts.append(act.error)
    return ", ".join(parts) or "nothing to do"


def told_of(event: Event) -> str:
    """The event of an act in words: `cancel #12: 1 changed`."""
    data = {key: value for key, value in event.data.items() if key in _TOLD}
    try:
        act = convert({"seq": event.seq, "at": event.at, "by": event.actor, **data}, ActView)
    except ValidationError:  # written by another version
        return ""
    return f"{described(act)}: {counted(act)}"


def _verb(act: ActView) -> str:
    if act.verb == "act_on_worker":
        return str(act.asked.get("act", act.verb)).replace("_", "-")
    return act.verb.replace("_", " ")


def _objects(act: ActView) -> str:
    asked: Mapping[str, Any] = act.asked
    if "where" in asked:
        return f"{plural(act.total, 'job')} of {_short(asked['where'])!r}"
    ids = asked.get("ids") or ([asked["id"]] if "id" in asked else [])
    if ids and act.total > SHOWN:
        return plural(act.total, "job")
    return " ".join(f"#{id_}" for id_ in ids) or str(asked.get("name", ""))


def _short(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One line of the command log: an act, or what this console was refused."""

    key: str
    at: int
    by: str
    what: str
    outcome: str
    why: str = ""
    seq: int = 0
    """Of its event; 0: it never reached the engine."""
    is_bad: bool = False
    has_receipt: bool = False
    has_undo: bool = False
    """`u` takes it back."""


def row_of(act: ActView) -> AuditRow:
    """The line of an act that the engine knows of."""
    through = f" ({act.client})" if act.client else ""
    return AuditRow(
        key=f"#{act.seq}",
        at=act.at,
        by=f"{act.by}{through}",
        what=described(act),
        outcome=counted(act),
        why=act.why,
        seq=act.seq,
        is_bad=bool(act.error) or (act.refused > 0 and not act.changed),
        has_receipt=act.has_receipt,
    )


def rows_of(
    acts: Iterable[ActView], own: Iterable[AuditRow], undone_at: int | None = None
) -> list[AuditRow]:
    """Both, the newest first.

    Args:
        acts: Those that the engine knows of.
        own: What this console was refused.
        undone_at: When this console did what `u` takes back; None: nothing is.
    """
    rows = sorted([*map(row_of, acts), *own], key=lambda row: row.at, reverse=True)
    for place, row in enumerate(rows if undone_at is not None else ()):
        if row.by.endswith("(console)") and abs(row.at - (undone_at or 0)) < NEAR:
            rows[place] = replace(row, has_undo=True)
            break
    return rows
