"""`events`: the log of everything, in pages or as it grows."""

from collections.abc import AsyncIterator

from engine.control.messages import FollowEvents, ListEvents
from engine.control.views import EventsPage
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import moment
from engine.model.event_filter import event_matches, parse_events
from engine.model.events import Event
from engine.model.filter import And, Op, Query, Term
from engine.model.filter.values import Number
from engine.model.ids import JobId, Seq
from engine.store.event_log import EventWindow

MOST = 1_000
END = Seq(2**62)


async def answer(desk: Desk, _: Caller, ask: ListEvents) -> EventsPage:
    """A page, oldest first. Raises: InvalidSpec for a filter that cannot be read."""
    when = await moment(desk, ask.as_of)
    before = await _before(desk, ask)
    window = EventWindow(
        query=_query(ask),
        after=Seq(max(ask.after, 0)),
        before=before if when.past is None else min(before, Seq(when.seq + 1)),
        last=ask.last,
        limit=max(0, min(ask.limit, MOST)),
        now_at=when.now_at,
    )
    found = await desk.store.find_events(window)
    return EventsPage(
        events=tuple(found.events),
        head=max((when.seq, *(event.seq for event in found.events[-1:]))),
        reached=found.reached,
        is_whole=found.is_whole,
    )


async def follow(desk: Desk, _: Caller, ask: FollowEvents) -> AsyncIterator[Event]:
    """Every event past a place that passes, without a gap, for ever."""
    query, now_at = parse_events(ask.where), desk.clock.now()
    job = None if ask.job is None else JobId(ask.job)
    after = desk.timeline.head if ask.after < 0 else Seq(ask.after)
    async for event in desk.timeline.follow(after, job):
        if event_matches(query, event, now_at):
            yield event


async def _before(desk: Desk, ask: ListEvents) -> Seq:
    """The first event that is not asked for."""
    before = END if ask.before is None else Seq(max(min(ask.before, END), 0))
    if ask.until_at is None:
        return before
    return min(before, Seq(await desk.store.moment_at(ask.until_at) + 1))


def _query(ask: ListEvents) -> Query:
    """The filter, and the job if one is named beside it."""
    query = parse_events(ask.where)
    if ask.job is None:
        return query
    of_job = Term("job", Op.HAS, (Number(ask.job),))
    if query.root is None:
        return Query(of_job)
    parts = query.root.parts if isinstance(query.root, And) else (query.root,)
    return Query(And((of_job, *parts)))
