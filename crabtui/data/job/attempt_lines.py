"""The attempts of a job as a table: when, where, how they ended, and what they held."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.job import limits
from crabtui.data.job.timeline_bars import was_displaced
from crabtui.data.job.usage_lines import cpu_text, memory_text
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import Zone, clock, duration, exit_text
from engine.control.views import AttemptView

BAD: Final = frozenset({"failed", "timeout", "lost", "unspawned"})
GUTTER: Final = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """What cells need beside the attempt."""

    now_at: int
    zone: Zone


@dataclass(frozen=True, slots=True)
class AttemptColumn:
    """One column; there from a width of the pane on."""

    title: str
    width: int
    least: int
    show: Callable[[AttemptView, Moment], Cell]
    right: bool = False


def head(width: int) -> str:
    """The titles."""
    titles = (fit(col.title, col.width, right=col.right) for col in _columns(width))
    return " " * GUTTER + " ".join(titles)


def line(attempt: AttemptView, width: int, now: Moment) -> list[Cell]:
    """The attempt in its columns, without the gutter."""
    found: list[Cell] = []
    for column in _columns(width):
        text, token = column.show(attempt, now)
        found.append((fit(text, column.width, right=column.right) + " ", token))
    return found


def remarks(attempt: AttemptView, width: int) -> Iterator[list[Cell]]:
    """Below it: what went wrong, its devices, what holds it, the commit in its workspace."""
    room = max(width - 4, 20)
    message = sanitize(str((attempt.error or {}).get("message", "")))
    if message:
        tone: Token = "muted" if was_displaced(attempt) else "bad"
        yield from ([(f"   {text}", tone)] for text in wrap(message, room)[:3])
    for text in wrap("   ".join(_held(attempt)), room):
        yield [(f"   {text}", "muted")]


def _held(attempt: AttemptView) -> Iterator[str]:
    if attempt.gpus:
        yield f"gpu {', '.join(map(str, attempt.gpus))}"
    if attempt.limits:  # else it asked for no memory, or nothing can hold it to that
        yield f"limits: {limits.text(attempt.limits)}"
    if attempt.revision:
        yield f"commit {attempt.revision[:12]}"


def _columns(width: int) -> tuple[AttemptColumn, ...]:
    return tuple(column for column in COLUMNS if column.least <= width)


def _number(attempt: AttemptView, _: Moment) -> Cell:
    return str(attempt.number), "text"


def _worker(attempt: AttemptView, _: Moment) -> Cell:
    return sanitize(attempt.worker_id), "text"


def _started(attempt: AttemptView, now: Moment) -> Cell:
    began = attempt.started_at
    return (clock(began, now.zone), "text") if began else ("-", "muted")


def _ran(attempt: AttemptView, now: Moment) -> Cell:
    began = attempt.started_at
    if began is None:
        return "-", "muted"
    return duration((attempt.completed_at or now.now_at) - began), "text"


def _end(attempt: AttemptView, _: Moment) -> Cell:
    word = "displaced" if was_displaced(attempt) else attempt.verdict or attempt.phase
    return sanitize(word), "bad" if word in BAD else "text"


def _exit(attempt: AttemptView, _: Moment) -> Cell:
    text = exit_text(attempt.exit_code, attempt.signal)
    is_bad = (attempt.verdict or "") in BAD
    return (text, "bad" if is_bad else "text") if text else ("-", "muted")


def _memory(attempt: AttemptView, _: Moment) -> Cell:
    most = attempt.peak_memory_mb
    return ("-", "muted") if most is None else (memory_text(most), "text")


def _cpu(attempt: AttemptView, _: Moment) -> Cell:
    return ("-", "muted") if attempt.cpu_ms is None else (cpu_text(attempt.cpu_ms), "text")


def _pid(attempt: AttemptView, _: Moment) -> Cell:
    return ("-", "muted") if attempt.pid is None else (str(attempt.pid), "muted")


def fingerprint(attempt: AttemptView) -> str:
    """What failures that are alike have in common; empty: it has none."""
    return sanitize(str((attempt.error or {}).get("fp", "")))


def _fingerprint(attempt: AttemptView, _: Moment) -> Cell:
    text = fingerprint(attempt)
    return (text, "text") if text else ("-", "muted")


COLUMNS: Final = (
    AttemptColumn("#", 2, 0, _number),
    AttemptColumn("WORKER", 10, 0, _worker),
    AttemptColumn("STARTED", 8, 0, _started),
    AttemptColumn("RUN", 6, 0, _ran, right=True),
    AttemptColumn("END", 9, 0, _end),
    AttemptColumn("EXIT", 8, 0, _exit),
    AttemptColumn("MEMORY", 8, 58, _memory, right=True),
    AttemptColumn("CPU", 7, 66, _cpu, right=True),
    AttemptColumn("LIKE", 8, 76, _fingerprint),
    AttemptColumn("PID", 7, 90, _pid, right=True),
)
