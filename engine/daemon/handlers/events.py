"""`events`: the log of everything, in pages or as it grows."""

from collections.abc import AsyncIterator

from engine.control.messages import FollowEvents, ListEvents
from engine.control.views import EventsPage
from engine.daemon.desk import Caller, Desk
from engine.model.events import Event
from engine.model.ids import JobId, Seq

MOST = 1_000
END = Seq(2**62)


async def answer(desk: Desk, _: Caller, ask: ListEvents) -> EventsPage:
    """A page, oldest first."""
    job = None if ask.job is None else JobId(ask.job)
    limit = max(0, min(ask.limit, MOST))
    if ask.last:
        before = END if ask.before is None else Seq(ask.before)
        events = await desk.store.last_events(before, limit, job=job)
    else:
        events = await desk.store.events(Seq(ask.after), limit, job=job)
    return EventsPage(events=tuple(events), head=desk.timeline.head)


async def follow(desk: Desk, _: Caller, ask: FollowEvents) -> AsyncIterator[Event]:
    """Every event past a place, without a gap, for ever."""
    job = None if ask.job is None else JobId(ask.job)
    after = desk.timeline.head if ask.after < 0 else Seq(ask.after)
    async for event in desk.timeline.follow(after, job):
        yield event
