"""Events as lines that people read: when, what, by whom, and the facts of it."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Final

from crabtui.data.admin.audit_lines import told_of
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, Zone, clock, clock_ms, duration
from engine.model.events import Event, EventType
from engine.model.levels import LEVELS, Level

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
    EventType.JOB_AGED: ("▲", "muted"),
    EventType.JOB_STARVING: ("!", "warn"),
    EventType.JOB_RESERVED: ("◔", "wait"),
    EventType.JOB_DISPLACED: ("◍", "warn"),
    EventType.JOB_REJECTED: ("✗", "bad"),
    EventType.INVERSION_BEGAN: ("!", "warn"),
    EventType.ARRAY_ABORTED: ("✗", "bad"),
    EventType.WORKFLOW_CREATED: ("+", "muted"),
    EventType.WORKFLOW_STARTED: ("►", "run"),
    EventType.WORKFLOW_COMPLETED: ("✓", "ok"),
    EventType.WORKFLOW_FAILED: ("✗", "bad"),
    EventType.WORKFLOW_CANCELED: ("‒", "muted"),
    EventType.WORKFLOW_RESUMED: ("↻", "warn"),
    EventType.QUEUE_MODE: ("!", "warn"),
    EventType.QUEUE_PAUSED: ("‖", "block"),
}
_NAMES: Final[Mapping[str, str]] = {
    EventType.JOBS_SUBMITTED: "submitted",
    EventType.ARRAY_LIMITED: "limited",
    EventType.ARRAY_ABORTED: "aborted",
    EventType.ARTIFACTS_KEPT: "files kept",
    EventType.ARTIFACTS_LOST: "files lost",
    EventType.INVERSION_BEGAN: "inverted",
    EventType.INVERSION_ENDED: "no inversion",
    EventType.JOB_REJECTED: "rejected",
    EventType.ATTEMPT_LOG_TRIMMED: "log trimmed",
}
"""Where subject and verb do not make a name of twelve cells."""
_NUMBERED: Final = frozenset({"job", "attempt", "workflow"})
"""What their events are about is told by a number, so the word alone names them."""
_TOLD: Final = frozenset(
    {
        EventType.JOB_AGED,
        EventType.JOB_BLOCKED,
        EventType.JOB_REJECTED,
        EventType.JOB_STARVING,
        EventType.INVERSION_BEGAN,
        EventType.QUEUE_MODE,
    }
)
"""Their cause says it all; the facts are the same numbers for programs."""
_LEVELS: Final[Mapping[Level, tuple[str, Token]]] = {
    Level.ERR: ("✗", "bad"),
    Level.WARN: ("!", "warn"),
    Level.INFO: ("·", "muted"),
    Level.DEBUG: ("·", "muted"),
}
"""For kinds without a sign of their own."""
_MUTED: Final[Token] = "muted"
INDENT: Final = 30
_HIDDEN: Final = frozenset({"now", "cron"})
"""What a subject, or a cause, says already."""


def lines(event: Event, width: int, zone: Zone = UTC_ZONE) -> list[list[Cell]]:
    """One event, sanitised: one line, and more where its facts do not fit."""
    sign, token = sign_of(event)
    name = name_of(event)
    text = detail_of(event, zone)
    texts = wrap(text, max(width - INDENT - 1, 20)) or [""]
    first: list[Cell] = [
        (f" {clock_ms(event.at, zone)}  ", "muted"),
        (f"{sign} ", token),
        (f"{name:<12} ", "text"),
        (texts[0], "muted"),
    ]
    return [first, *([(" " * INDENT + text, _MUTED)] for text in texts[1:])]


def sign_of(event: Event) -> tuple[str, Token]:
    """The sign of its kind, and the colour of how much it matters."""
    return _SIGNS.get(event.type) or _LEVELS[LEVELS[event.type]]


def detail_of(event: Event, zone: Zone = UTC_ZONE, *, worker: bool = True) -> str:
    """Where, by whom, why, and the facts of it; sanitised, on one line."""
    by = "" if event.actor == "engine" else f"by {event.actor}"
    rest = [(event.worker or "") if worker else "", by, event.cause, *_facts(event, zone)]
    return sanitize("  ".join(part for part in rest if part))


def name_of(event: Event) -> str:
    """What happened, in a word or two."""
    subject, _, word = event.type.partition(".")
    name = (word if subject in _NUMBERED else event.type.replace(".", " ")).replace("_", " ")
    return _NAMES.get(event.type, name)


def _facts(event: Event, zone: Zone) -> Iterator[str]:
    if event.type in _TOLD:
        return
    if event.type is EventType.OPERATOR_ACTED:
        yield told_of(event)
        return
    for key, value in event.data.items():
        if key == "changes" and isinstance(value, Mapping):
            yield from _changes(value)
        elif key not in _HIDDEN and isinstance(value, str | int | float):
            yield _fact(key, value, zone)


def _fact(key: str, value: str | float, zone: Zone) -> str:
    """`since 14:02:11` and `held 3m10s` rather than microseconds and milliseconds."""
    if key == "at" and isinstance(value, int):
        return f"due {clock(value, zone)}"
    if key.endswith("_at") and isinstance(value, int):
        return f"{key[:-3]} {clock(value, zone)}"
    if key.endswith("_ms") and isinstance(value, int):
        return f"{key[:-3]} {duration(value * 1000)}"
    return f"{key} {value}".replace("_", " ", 1)


def _changes(changes: Mapping[object, object]) -> Iterator[str]:
    """`cpu_milli 1000 → 2000`, for each field that was edited."""
    for field, pair in changes.items():
        if isinstance(pair, Sequence) and len(pair) == 2:
            yield f"{str(field).rpartition('.')[2]} {pair[0]} → {pair[1]}"
