"""Events as lines that people read: when, what, by whom, and the facts of it."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Final

from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, Zone, clock_ms
from engine.model.events import Event, EventType

_SIGNS: Final[Mapping[str, tuple[str, Token]]] = {
    EventType.JOB_SUBMITTED: ("+", "muted"),
    EventType.JOBS_SUBMITTED: ("+", "muted"),
    EventType.JOB_QUEUED: ("○", "wait"),
    EventType.JOB_STARTED: ("►", "run"),
    EventType.JOB_COMPLETED: ("✓", "ok"),
    EventType.JOB_FAILED: ("✗", "bad"),
    EventType.JOB_CANCELED: ("‒", "muted"),
    EventType.JOB_TIMEOUT: ("◷", "bad"),
    EventType.JOB_RETRY: ("↻", "warn"),
    EventType.JOB_SKIPPED: ("↷", "muted"),
    EventType.JOB_HELD: ("‖", "block"),
    EventType.ATTEMPT_INTENT: ("→", "muted"),
    EventType.ATTEMPT_UNREACHABLE: ("?", "warn"),
    EventType.ATTEMPT_STOPPING: ("◍", "warn"),
    EventType.ATTEMPT_SOFT_TIMEOUT: ("◷", "warn"),
    EventType.ATTEMPT_LOST: ("✗", "bad"),
    EventType.DAEMON_TROUBLE: ("✗", "bad"),
}
_MUTED: Final[Token] = "muted"
INDENT: Final = 30
_HIDDEN: Final = frozenset({"now"})


def lines(event: Event, width: int, zone: Zone = UTC_ZONE) -> list[list[Cell]]:
    """One event, sanitised: one line, and more where its facts do not fit."""
    sign, token = _SIGNS.get(event.type, ("·", "muted"))
    subject, _, word = event.type.partition(".")
    of_a_job = subject in ("job", "attempt")
    name = (word if of_a_job else event.type.replace(".", " ")).replace("_", " ")
    by = "" if event.actor == "engine" else f"by {event.actor}"
    rest = [event.worker or "", by, event.cause, *_facts(event)]
    text = sanitize("  ".join(part for part in rest if part))
    texts = wrap(text, max(width - INDENT - 1, 20)) or [""]
    first: list[Cell] = [
        (f" {clock_ms(event.at, zone)}  ", "muted"),
        (f"{sign} ", token),
        (f"{name:<12} ", "text"),
        (texts[0], "muted"),
    ]
    return [first, *([(" " * INDENT + text, _MUTED)] for text in texts[1:])]


def _facts(event: Event) -> list[str]:
    return [
        f"{key} {value}"
        for key, value in event.data.items()
        if key not in _HIDDEN and isinstance(value, str | int | float)
    ]
