"""The event log of a world in memory, asked as a daemon's is."""

from collections.abc import Sequence

from engine.control import messages as m
from engine.control import views as v
from engine.model.event_filter import event_matches, parse_events
from engine.model.events import Event
from engine.model.levels import LEVELS, Level

S = 1_000_000


def find(events: Sequence[Event], ask: m.ListEvents, now_at: int) -> v.EventsPage:
    """A page of the log."""
    query = parse_events(ask.where)
    before = len(events) + 1 if ask.before is None else ask.before
    mine = [
        event
        for event in events
        if ask.after < event.seq < before
        and (ask.job is None or event.job == ask.job)
        and (ask.until_at is None or event.at <= ask.until_at)
        and event_matches(query, event, now_at)
    ]
    limit = max(ask.limit, 0)
    chosen = mine[len(mine) - min(limit, len(mine)) :] if ask.last else mine[:limit]
    is_whole = len(chosen) == len(mine)
    whole_end = min(ask.after + 1, len(events) + 1) if ask.last else len(events)
    edge = whole_end if is_whole else chosen[0].seq if ask.last else chosen[-1].seq
    return v.EventsPage(events=tuple(chosen), head=len(events), reached=edge, is_whole=is_whole)


def count(events: Sequence[Event], ask: m.CountEvents, now_at: int) -> v.EventCounts:
    """Events by bucket and level."""
    query = parse_events(ask.where)
    width = ask.bucket_s * S
    end_at = now_at if ask.end_at is None else ask.end_at
    start_at = (end_at // width - ask.buckets + 1) * width
    counts = {level: [0] * ask.buckets for level in Level}
    for event in events:
        place = (event.at - start_at) // width
        if 0 <= place < ask.buckets and event_matches(query, event, now_at):
            counts[LEVELS[event.type]][place] += 1
    return v.EventCounts(
        start_at=start_at,
        bucket_s=ask.bucket_s,
        err=tuple(counts[Level.ERR]),
        warn=tuple(counts[Level.WARN]),
        info=tuple(counts[Level.INFO]),
        debug=tuple(counts[Level.DEBUG]),
        head=len(events),
        now_at=now_at,
        first_at=events[0].at if events else None,
    )
