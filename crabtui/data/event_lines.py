"""Events as lines that people read: when, what, by whom, and the facts of it."""

from collections.abc import Mapping
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
_HIDDEN: Final = frozenset({"now"})


def line(event: Event, zone: Zone = UTC_ZONE) -> list[Cell]:
    """One event, sanitised, however wide that is."""
    sign, token = _SIGNS.get(event.type, ("·", "muted"))
    subject, _, word = event.type.partition(".")
    name = word if subject == "job" else event.type.replace(".", " ").replace("_", " ")
    by = "" if event.actor == "engine" else f"by {event.actor}"
    rest = [event.worker or "", by, event.cause, *_facts(event)]
    text = "  ".join(part for part in rest if part)
    return [
        (f" {clock_ms(event.at, zone)}  ", "muted"),
        (f"{sign} ", token),
        (f"{name:<12} ", "text"),
        (sanitize(text), "muted"),
    ]


def _facts(event: Event) -> list[str]:
    return [
        f"{key} {value}"
        for key, value in event.data.items()
        if key not in _HIDDEN and isinstance(value, str | int | float)
    ]
