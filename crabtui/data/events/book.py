"""The events that a reader has at hand: one piece of the log without a gap, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.model.events import Event

MOST: Final = 2_000
"""Events that are kept; those furthest from where somebody reads are let go."""


@dataclass(frozen=True, slots=True)
class EventBook:
    """What passed the filter between two places of the log."""

    events: tuple[Event, ...] = ()
    """Newest first."""
    looked_down_to: int = 0
    """All that passes and is not older than this number is here."""
    looked_up_to: int = 0
    """All that passes and is not newer than this number is here."""
    has_older: bool = False
    """There may be more below `looked_down_to`."""
    has_newer: bool = False
    """There may be more above `looked_up_to`: newer ones cannot be added without a gap."""

    def older(self, page: Sequence[Event], reached: int, *, is_whole: bool) -> "EventBook":
        """With the events of the page before, given oldest first."""
        events = (*self.events, *reversed(page))
        book = replace(self, events=events, looked_down_to=reached, has_older=not is_whole)
        return book._cut_top() if len(events) > MOST else book

    def newer(
        self, page: Sequence[Event], reached: int, *, is_read_below: bool = False
    ) -> "EventBook":
        """With the events of the page after, given oldest first.

        Where there is no room for them, the oldest ones are let go; or they themselves, if
        somebody reads further down.
        """
        if self.has_newer:
            return self
        new = [event for event in page if not self.events or event.seq > self.events[0].seq]
        events = (*reversed(new), *self.events)
        if is_read_below and len(events) > MOST:
            return replace(self, has_newer=True)
        book = replace(self, events=events, looked_up_to=max(reached, self.looked_up_to))
        return book._cut_bottom() if len(events) > MOST else book

    def _cut_top(self) -> "EventBook":
        kept = self.events[-MOST:]
        return replace(self, events=kept, looked_up_to=kept[0].seq, has_newer=True)

    def _cut_bottom(self) -> "EventBook":
        kept = self.events[:MOST]
        return replace(self, events=kept, looked_down_to=kept[-1].seq, has_older=True)


def first_book(page: Sequence[Event], head: int, reached: int, *, is_whole: bool) -> EventBook:
    """The book that begins with the newest page, given oldest first."""
    return EventBook(tuple(reversed(page)), reached, head, not is_whole)
