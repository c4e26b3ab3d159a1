"""Rows of the event list: each event, or several that tell the same, in one line."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from crabtui.data.events.folding import Fold, folded
from crabtui.data.events.lines import detail_of, name_of, sign_of
from crabtui.data.fitting import cells as cell_width
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import UTC_ZONE, Zone, clock, clock_ms, duration, moment
from engine.model.event_filter import queue_of
from engine.model.events import Event
from engine.model.levels import SUBJECTS, Subject

NAME: Final = 12
NARROW_SUBJECT: Final = 13
WIDE_SUBJECT: Final = 22
ROOMY: Final = 120
"""From this width on subjects have more room."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the list."""

    event: Event
    key: int
    """What the cursor holds: it stays while repeats come, and pages."""
    repeats: int = 0
    """Events that are folded away behind this one."""
    is_part: bool = False
    """It is one of those that were folded, shown below the newest of them."""
    is_open: bool = False
    """Those that were folded are shown below it."""

    @property
    def can_unfold(self) -> bool:
        return self.repeats > 0 and not self.is_open


def rows(events: Sequence[Event], unfolded: AbstractSet[int]) -> list[EventRow]:
    """`events`, newest first, as rows; of the folds in `unfolded` every event."""
    found: list[EventRow] = []
    for fold in folded(events):
        found.append(_head(fold, is_open=fold.id in unfolded))
        if fold.id in unfolded:
            found += [EventRow(event, -event.seq, is_part=True) for event in fold.events[1:]]
    return found


def _head(fold: Fold, *, is_open: bool) -> EventRow:
    is_open = is_open and fold.repeats > 0
    return EventRow(fold.newest, fold.id, repeats=fold.repeats, is_open=is_open)


def head(width: int) -> str:
    """The titles of the columns."""
    subject = _subject_width(width)
    return f"  {'TIME':<12} L {'SUBJECT':<{subject}} {'EVENT':<{NAME}} DETAIL"


def cells(
    row: EventRow,
    width: int,
    *,
    zone: Zone = UTC_ZONE,
    now_at: int | None = None,
    ages: bool = False,
    here: bool = False,
    marked: bool = False,
) -> list[Cell]:
    """A row in sanitised cells, `width` wide at most; with the day if that is not today."""
    event = row.event
    sign, colour = sign_of(event)
    subject = _subject_width(width)
    lead: list[Cell] = [
        ("▌" if here else " ", "accent"),
        ("*" if marked else " ", "accent"),
        (f"{_age(event.at, now_at) if ages else _time(event.at, now_at, zone)} ", "muted"),
        (f"{sign} ", colour),
        (_subject_text(row, subject) + " ", "text"),
        (fit(_name(event), NAME) + " ", "bad" if colour == "bad" else "text"),
    ]
    room = width - sum(cell_width(text) for text, _ in lead) - 1
    times = f"×{row.repeats + 1} " if row.repeats else ""
    hint = folded_text(row) if here else ""
    detail = detail_of(event, zone, worker=event.job is not None)
    text = fit(detail, max(min(room - len(times) - len(hint), cell_width(detail)), 0))
    return [*lead, (times, "accent"), (text, "muted"), (hint, "accent")]


def _age(at: int, now_at: int | None) -> str:
    """Twelve cells: `4m50s ago`."""
    return f"{duration((now_at or at) - at) + ' ago':>12}"


def _time(at: int, now_at: int | None, zone: Zone) -> str:
    """Twelve cells: `14:02:11.004`, or `20 Nov 14:02` of another day."""
    day = "" if now_at is None else moment(at, now_at, zone)
    if ":" in day or not day:
        return clock_ms(at, zone)
    return f"{day[:6]:<6} {clock(at, zone)[:5]}" if " " in day else f"{day:<12}"


def _name(event: Event) -> str:
    """What happened, without what the subject says already."""
    named = name_of(event)
    of_its_own = event.job is None and named.startswith(f"{SUBJECTS[event.type].value} ")
    return named.partition(" ")[2] if of_its_own else named


def _subject_text(row: EventRow, width: int) -> str:
    return fit(("└ " if row.is_part else "") + subject_of(row.event), width)


def subject_of(event: Event) -> str:
    """What it is about: `#1423`, `worker gpu-05`, `queue gpu`; sanitised."""
    if event.job is not None:
        return f"#{event.job}"
    subject = SUBJECTS[event.type]
    name = event.worker if event.worker is not None else queue_of(event)
    if subject is Subject.OPERATOR:
        name = event.actor
    elif subject is Subject.CRON:
        name = str(event.data.get("cron", ""))
    return sanitize(f"{subject.value} {name}" if name else subject.value)


def folded_text(row: EventRow) -> str:
    """What becomes of a row under the cursor that tells of several; empty if of one."""
    if not row.repeats:
        return ""
    return "  (← folds)" if row.is_open else f"  ({row.repeats + 1} alike: → unfolds)"


def _subject_width(width: int) -> int:
    return WIDE_SUBJECT if width >= ROOMY else NARROW_SUBJECT
