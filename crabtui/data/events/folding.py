"""Repeats folded into one row: what went wrong in the same way, within a short time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.model.events import Event
from engine.model.levels import PROBLEMS

WITHIN_US: Final = 60_000_000
"""Repeats of one problem are this near to its first one."""

RUN: Final = 3
"""So many of what is no problem, one right after the other, are folded."""

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """One row: an event, or several that tell the same."""

    events: tuple[Event, ...]
    """Newest first; never empty."""

    @property
    def newest(self) -> Event:
        return self.events[0]

    @property
    def id(self) -> int:
        """The number of its first event: it stays while repeats come."""
        return self.events[-1].seq

    @property
    def repeats(self) -> int:
        """How many events are hidden behind the newest one."""
        return len(self.events) - 1


def folded(events: Sequence[Event]) -> list[Fold]:
    """`events` (newest first) as rows in the order of their newest events.

    Warnings and errors with the same text are one row if they are within a minute of the
    first; others only if at least three of a kind follow each other. Nothing is lost and
    nothing told twice.
    """
    groups: list[list[Event]] = []
    open_: dict[Key, list[Event]] = {}
    run: list[Event] = []
    for event in reversed(events):
        if event.type in PROBLEMS:
            _close_run(run, groups)
            _join(event, open_, groups)
        else:
            if run and not _follows(event, run):
                _close_run(run, groups)
            run.append(event)
    _close_run(run, groups)
    rows = [Fold(tuple(reversed(group))) for group in groups]
    return sorted(rows, key=lambda row: -row.newest.seq)


def same_text(event: Event) -> str:
    """What two events have in common that tell the same of different objects."""
    return _fingerprint(event) or event.cause or str(event.data.get("error", ""))


def _join(event: Event, open_: dict[Key, list[Event]], groups: list[list[Event]]) -> None:
    key = (event.type, same_text(event), event.worker or "" if event.job is None else "")
    group = open_.get(key)
    if group is not None and 0 <= event.at - group[0].at <= WITHIN_US:
        group.append(event)
        return
    group = [event]
    open_[key] = group
    groups.append(group)


def _follows(event: Event, run: Sequence[Event]) -> bool:
    first = run[0]
    near = 0 <= event.at - first.at <= WITHIN_US
    alike = (event.type, event.actor, event.cause) == (first.type, first.actor, first.cause)
    return near and alike and event.job is not None


def _close_run(run: list[Event], groups: list[list[Event]]) -> None:
    """Begin a new run; the old one is one row, or as many as it has events."""
    groups.extend(_rows(run))
    run.clear()


def _rows(run: Sequence[Event]) -> Iterator[list[Event]]:
    if len(run) >= RUN:
        yield list(run)
    else:
        yield from ([event] for event in run)


def _fingerprint(event: Event) -> str:
    now = event.data.get("now")
    trouble = now.get("trouble") if isinstance(now, Mapping) else None
    found = trouble.get("fp") if isinstance(trouble, Mapping) else None
    return str(found or event.data.get("fp") or "")
