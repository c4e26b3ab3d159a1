"""What happened: the newest events as they come, older ones by the page, and counts."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic
from engine.control.messages import CountEvents, ListEvents, Pulse
from engine.control.views import EventCounts, EventsPage

FIRST: Final = 200
"""Events that a list begins with."""
NEWER: Final = 500
"""So many new ones are added to it at once; if there are more, it begins anew."""
OLDER: Final = 300
ALWAYS: Final = 253_402_300_799_000_000
"""An instant after all that happens: what is asked until then is not asked of the past."""


@dataclass(eq=False, kw_only=True)
class EventTail:
    """A list of events at its newest end; each look at it is one of its own."""

    where: str = ""
    until_at: int | None = None
    """The moment that is looked at, UTC microseconds; None: now, and it grows."""
    reached: int | None = None
    """All that passes and is no newer than this has come; None: nothing yet. Whoever takes
    a piece says so: what was fetched may yet be dropped on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailPiece:
    """What came at the newest end."""

    page: EventsPage
    is_first: bool
    """The list begins with it; else it goes on top of what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderAim:
    """The page below a list's last event."""

    where: str
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAim:
    """The nearest event of a filter before or after one."""

    where: str
    seq: int
    is_older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsAim:
    """Which buckets are counted."""

    where: str = ""
    bucket_s: int = 30
    buckets: int = 60
    end_at: int | None = None
    """An instant in the last bucket; None: now."""


async def _tail(feed: Calls, tail: EventTail) -> TailPiece:
    if tail.reached is not None and tail.until_at is None:
        ask = ListEvents(where=tail.where, after=tail.reached, limit=NEWER)
        page = await feed.call(ask)
        if page.is_whole:
            return TailPiece(page=page, is_first=False)
    ask = ListEvents(where=tail.where, last=True, limit=FIRST, until_at=tail.until_at)
    return TailPiece(page=await feed.call(ask), is_first=True)


def _grew(pulse: Pulse, tail: EventTail) -> bool:
    return tail.until_at is None and (tail.reached is None or pulse.seq > tail.reached)


async def _older(feed: Calls, aim: OlderAim) -> EventsPage:
    ask = ListEvents(where=aim.where, before=aim.before, last=True, limit=OLDER)
    return await feed.call(ask)


async def _next(feed: Calls, aim: NextAim) -> EventsPage:
    if aim.is_older:
        ask = ListEvents(where=aim.where, before=aim.seq, last=True, limit=1)
    else:
        ask = ListEvents(where=aim.where, after=aim.seq, limit=1, until_at=ALWAYS)
    return await feed.call(ask)


async def _counts(feed: Calls, aim: CountsAim) -> EventCounts:
    return await feed.call(
        CountEvents(
            where=aim.where, bucket_s=aim.bucket_s, buckets=aim.buckets, end_at=aim.end_at
        )
    )


def _never(_: Pulse, __: object) -> bool:
    return False


EVENTS: Final = Topic[EventTail, TailPiece](
    name="events", fetch=_tail, stirred=_grew, gap_s=0.2, tells_errors=True
)
OLDER_EVENTS: Final = Topic[OlderAim, EventsPage](
    name="older events", fetch=_older, stirred=_never, tells_errors=True
)
NEXT_EVENT: Final = Topic[NextAim, EventsPage](
    name="next event", fetch=_next, stirred=_never, tells_errors=True
)
EVENT_COUNTS: Final = Topic[CountsAim, EventCounts](
    name="event counts", fetch=_counts, gap_s=1.0, tells_errors=True
)
