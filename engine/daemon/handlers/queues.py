"""`queues` and `set_queue`: what stands in the queues, and how they are run."""

from msgspec.structs import replace

from engine.control.messages import ListQueues, SetQueue
from engine.control.views import Acted, QueuesView, QueueView, Result
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, StaleLease
from engine.ledger.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.ids import check_name
from engine.model.worker import Queue
from engine.store.protocol import Draft

TRIES = 10


async def answer(desk: Desk, _: Caller, __: ListQueues) -> QueuesView:
    """All queues, by name."""
    counts = desk.working_set.counters.by_queue()
    return QueuesView(
        queues=tuple(
            _view(queue, counts.get(name, {}), desk.working_set)
            for name, queue in sorted(desk.working_set.queues.items())
        ),
        seq=desk.timeline.head,
    )


def _view(queue: Queue, states: dict[str, int], working_set: WorkingSet) -> QueueView:
    return QueueView(
        name=queue.name,
        limit=queue.limit,
        weight=queue.weight,
        paused_by=queue.paused_by,
        paused_why=queue.paused_why,
        paused_at=queue.paused_at,
        running=states.get("running", 0),
        queued=states.get("queued", 0),
        pending=states.get("pending", 0),
        retrying=states.get("retrying", 0),
        oldest_queued_at=working_set.lanes.oldest_queued_at(queue.name),
    )


async def change(desk: Desk, caller: Caller, ask: SetQueue) -> Acted:
    """Pause, resume, limit or weigh a queue. Raises: InvalidSpec."""
    caller.must_act()
    check_name("queue", ask.name)
    _check(ask)
    for _ in range(TRIES):
        was = desk.working_set.queues.get(ask.name)
        wanted, events = _wanted(desk, caller, ask, was or Queue(name=ask.name))
        if was is None:
            events.insert(0, _event(EventType.QUEUE_CREATED, caller, ask, {}))
        try:
            if events:
                await desk.ledger.set_queue(was, wanted, events)
        except StaleLease:
            continue
        return Acted(
            results=(Result(id=ask.name, ok=True, was=_text(was), now=_text(wanted)),),
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
    limit = None if ask.no_limit else queue.limit if ask.limit is None else ask.limit
    weight = queue.weight if ask.weight is None else ask.weight
    if (limit, weight) != (queue.limit, queue.weight):
        queue = replace(queue, limit=limit, weight=weight)
        data: dict[str, object] = {"limit": limit, "weight": weight}
        events.append(_event(EventType.QUEUE_LIMITED, caller, ask, data))
    return queue, events


def _event(type_: EventType, caller: Caller, ask: SetQueue, data: dict[str, object]) -> Draft:
    return Draft(type=type_, actor=caller.user, cause=ask.why, data={"queue": ask.name, **data})


def _text(queue: Queue | None) -> str | None:
    if queue is None:
        return None
    limit = "no limit" if queue.limit is None else f"limit {queue.limit}"
    paused = ", paused" if queue.paused_by is not None else ""
    return f"{limit}, weight {queue.weight}{paused}"
