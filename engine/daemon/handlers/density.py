"""`density`: how much happened when, and how bad it was."""

from typing import Final

from engine.control.messages import CountEvents
from engine.control.views import EventCounts
from engine.daemon.desk import Caller, Desk
from engine.model.event_filter import parse_events
from engine.model.levels import LEVELS, Level
from engine.store.event_log import EventDensity, bucket_width_s

MOST: Final = 1_000
WIDEST_S: Final = 30 * 86_400
SECOND: Final = 1_000_000
LAST_AT: Final = 253_402_300_799_000_000


async def answer(desk: Desk, _: Caller, ask: CountEvents) -> EventCounts:
    """Counts by level. Raises: InvalidSpec for a filter that cannot be read."""
    query, now_at = parse_events(ask.where), desk.clock.now()
    count = max(1, min(ask.buckets, MOST))
    bucket_s = bucket_width_s(min(ask.bucket_s, WIDEST_S), count)
    end_at = now_at if ask.end_at is None else max(0, min(ask.end_at, LAST_AT))
    start_at = (end_at // (bucket_s * SECOND) - count + 1) * bucket_s * SECOND
    found = await desk.store.event_density(query, start_at, bucket_s, count, now_at)
    span = await desk.store.event_span()
    return EventCounts(
        start_at=found.start_at,
        bucket_s=found.bucket_s,
        err=_of(found, Level.ERR),
        warn=_of(found, Level.WARN),
        info=_of(found, Level.INFO),
        debug=_of(found, Level.DEBUG),
        head=desk.timeline.head,
        now_at=now_at,
        counted_from_at=found.counted_from_at,
        first_at=span[0] if span else None,
    )


def _of(density: EventDensity, level: Level) -> tuple[int, ...]:
    return tuple(
        sum(number for kind, number in bucket.items() if LEVELS[kind] is level)
        for bucket in density.buckets
    )
