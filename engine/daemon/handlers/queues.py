"""`queues` and `set_queue`: what stands in the queues, and how they are run."""

from msgspec.structs import replace

from engine.control.messages import ListQueues, SetQueue
from engine.control.views import Acted, QueuesView, QueueView, Result
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import moment
from engine.daemon.past.places import past_queues
from engine.daemon.pictures.queues import queue_view
from engine.errors import InvalidSpec, StaleLease
from engine.ledger.memory.queues import overlaid
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.ids import check_name
from engine.model.rules import Mode
from engine.model.words import unknown
from engine.model.worker import Hand, Queue
from engine.policy.entry.arrivals import ALL
from engine.store.protocol import Draft

TRIES = 10


async def answer(desk: Desk, _: Caller, ask: ListQueues) -> QueuesView:
    """All queues in effect, by name. Raises: InvalidSpec for no such moment."""
    when = await moment(desk, ask.as_of)
    if when.past is not None:
        return await past_queues(desk, when, when.past)
    counts = desk.working_set.counters.by_queue()
    oldest = desk.working_set.lanes.oldest_queued_at()
    backlog = desk.working_set.backlog
    pressure = backlog.pressures.get(ALL)
    return QueuesView(
        queues=tuple(
            _view(queue, counts.get(name, {}), oldest.get(name), desk)
            for name, queue in sorted(desk.working_set.queues.items())
        ),
        seq=desk.timeline.head,
        mode=backlog.modes.get(ALL, Mode.NORMAL).label,
        depth=backlog.depths[ALL],
        max_depth=pressure.max_depth if pressure else None,
    )


def _view(queue: Queue, states: dict[str, int], oldest_at: int | None, desk: Desk) -> QueueView:
    working_set, now_at = desk.working_set, desk.clock.now()
    activity = working_set.backlog.activity(queue.name)
    return queue_view(
        queue,
        states,
        oldest_at=oldest_at,
        rates=[
            flow.per_min(now_at) for flow in (activity.came, activity.starts, activity.ends)
        ],
        depths=activity.depth.depths(now_at),
        mode=working_set.backlog.modes.get(queue.name, Mode.NORMAL),
        limit_from=_limit_from(queue, working_set),
    )


def _limit_from(queue: Queue, working_set: WorkingSet) -> str:
    """`hand` or `config`."""
    rules = working_set.rules.queues.get(queue.name)
    is_told = rules is not None and rules.limit is not None
    return "config" if is_told and "limit" not in queue.own else "hand"


async def change(desk: Desk, caller: Caller, ask: SetQueue) -> Acted:
    """Pause, resume, limit or weigh a queue; what is set goes before the configuration.

    Raises:
        InvalidSpec: a value that cannot be, or two that exclude each other.
    """
    caller.must_act()
    check_name("queue", ask.name)
    _check(ask)
    for _ in range(TRIES):
        was = desk.working_set.stored_queues.get(ask.name)
        before = None if was is None else _text(desk, was)
        wanted, events = _wanted(desk, caller, ask, was or Queue(name=ask.name))
        if was is None:
            events.insert(0, _event(EventType.QUEUE_CREATED, caller, ask, {}))
        try:
            if events:
                account = caller.account
                closing = account.closing(changed=1, own=len(events))
                written = await desk.ledger.set_queue(was, wanted, [*events, *closing])
                account.done(written)
        except StaleLease:
            continue
        return Acted(
            results=(Result(id=ask.name, ok=True, was=before, now=_text(desk, wanted)),),
            matched=1,
        )
    raise StaleLease(f"queue {ask.name!r} is being changed by others; try again")


def _check(ask: SetQueue) -> None:
    if ask.limit is not None and not 0 <= ask.limit <= 1_000_000:
        raise InvalidSpec(f"limit {ask.limit}: 0 to 1000000", field="limit")
    if ask.weight is not None and not 1 <= ask.weight <= 1_000:
        raise InvalidSpec(f"weight {ask.weight}: 1 to 1000", field="weight")
    if ask.limit is not None and ask.no_limit:
        raise InvalidSpec("a limit and no limit at once", field="limit")
    given = {"limit": ask.limit is not None or ask.no_limit, "weight": ask.weight is not None}
    if ask.reset and any(given.values()):
        raise InvalidSpec("a limit or weight and a reset at once", field="reset")
    for field in ask.unset:
        if field not in given:
            raise unknown("setting", field, given, field="unset")
        if given[field]:
            raise InvalidSpec(f"a {field} and none by hand at once", field="unset")


def _wanted(
    desk: Desk, caller: Caller, ask: SetQueue, queue: Queue
) -> tuple[Queue, list[Draft]]:
    events: list[Draft] = []
    if ask.pause is True and queue.paused_by is None:
        queue = replace(
            queue, paused_by=caller.user, paused_why=ask.why, paused_at=desk.clock.now()
        )
        events.append(_event(EventType.QUEUE_PAUSED, caller, ask, {}))
    if ask.pause is False and queue.paused_by is not None:
        queue = replace(queue, paused_by=None, paused_why="", paused_at=None)
        events.append(_event(EventType.QUEUE_RESUMED, caller, ask, {}))
    changed = _limited(queue, ask)
    if changed != queue:
        changed = _signed(changed, queue, caller.user, desk.clock.now())
        now = _in_effect(desk, changed)
        data: dict[str, object] = {"limit": now.limit, "weight": now.weight}
        if ask.reset:
            data["reset"] = True
        if ask.unset:
            data["unset"] = list(ask.unset)
        events.append(_event(EventType.QUEUE_LIMITED, caller, ask, data))
    return changed, events


def _limited(queue: Queue, ask: SetQueue) -> Queue:
    """The queue with limit and weight as asked for, and remembered as set by hand."""
    plain = Queue(name=queue.name)
    if ask.reset:
        return replace(queue, limit=plain.limit, weight=plain.weight, own=(), hands=())
    queue = replace(queue, **{field: getattr(plain, field) for field in ask.unset})
    own = set(queue.own) - set(ask.unset)
    if ask.no_limit or ask.limit is not None:
        queue = replace(queue, limit=ask.limit)
        own.add("limit")
    if ask.weight is not None:
        queue = replace(queue, weight=ask.weight)
        own.add("weight")
    return replace(queue, own=tuple(sorted(own)))


def _signed(queue: Queue, was: Queue, by: str, at: int) -> Queue:
    """The queue with who set what differs from before; of the rest it is kept."""
    hands = (
        was.hand(field)
        if field in was.own and getattr(was, field) == getattr(queue, field)
        else Hand(field, by, at)
        for field in queue.own
    )
    return replace(queue, hands=tuple(hand for hand in hands if hand is not None))


def _in_effect(desk: Desk, queue: Queue) -> Queue:
    """A stored queue as it is in effect."""
    return overlaid(queue, desk.working_set.rules.queues.get(queue.name))


def _event(type_: EventType, caller: Caller, ask: SetQueue, data: dict[str, object]) -> Draft:
    return Draft(type=type_, actor=caller.user, cause=ask.why, data={"queue": ask.name, **data})


def _text(desk: Desk, stored: Queue) -> str:
    queue = _in_effect(desk, stored)
    limit = "no limit" if queue.limit is None else f"limit {queue.limit}"
    paused = ", paused" if queue.paused_by is not None else ""
    return f"{limit}, weight {queue.weight}{paused}"
