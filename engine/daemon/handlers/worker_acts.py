"""`add_worker` and `act_on_worker`: workers that come, go, are set aside and taken back."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from engine.control.messages import ActOnWorker, AddWorker
from engine.control.views import Acted, Result
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.workers import find_worker
from engine.errors import InvalidSpec, NotAllowed
from engine.model.events import EventType
from engine.model.words import unknown
from engine.model.worker import BreakerState, Worker
from engine.store.protocol import Draft


async def add(desk: Desk, caller: Caller, ask: AddWorker) -> Acted:
    """Reach a new worker's host, and have it take work from now on."""
    caller.must_act()
    if ask.name in desk.working_set.workers:
        raise NotAllowed(f"there is a worker {ask.name!r} already", field="name")
    raise NotAllowed(f"worker {ask.name!r}: this daemon reaches no other machine", field="name")


async def act(desk: Desk, caller: Caller, ask: ActOnWorker) -> Acted:
    """Do one act to one worker.

    Raises:
        NotFound: there is no such worker.
        InvalidSpec: there is no such act.
        NotAllowed: it does not go with what the worker is or does now.
    """
    caller.must_act()
    if ask.act not in ACTS:
        raise unknown("act", ask.act, list(ACTS))
    worker = find_worker(desk, ask.name)
    was, now = await ACTS[ask.act](desk, caller, ask, worker)
    return Acted(results=(Result(id=ask.name, ok=True, was=was, now=now),), matched=1)


async def _quarantine(
    desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker
) -> tuple[str, str]:
    if not ask.why.strip():
        raise InvalidSpec("say why: others will ask before they release it", field="why")
    event = _event(EventType.WORKER_QUARANTINED, caller, ask)
    await desk.ledger.change_worker(
        ask.name, lambda now: replace(now, quarantined=ask.why), event
    )
    return _condition(worker), f"quarantined: {ask.why}"


async def _release(
    desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker
) -> tuple[str, str]:
    if worker.quarantined:
        event = _event(EventType.WORKER_CHANGED, caller, ask, quarantined="")
        await desk.ledger.change_worker(
            ask.name, lambda now: replace(now, quarantined=""), event
        )
    return _condition(worker), "takes work"


async def _reset(
    desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker
) -> tuple[str, str]:
    if worker.breaker is not BreakerState.CLOSED:
        event = _event(EventType.WORKER_BREAKER, caller, ask, breaker="closed")
        await desk.ledger.change_worker(ask.name, _closed, event)
    return f"breaker {worker.breaker.value}", "breaker closed"


def _closed(worker: Worker) -> Worker:
    return replace(worker, breaker=BreakerState.CLOSED, permits=None)


def _condition(worker: Worker) -> str:
    return f"quarantined: {worker.quarantined}" if worker.quarantined else "takes work"


def _event(type_: EventType, caller: Caller, ask: ActOnWorker, **data: object) -> Draft:
    return Draft(type=type_, worker=ask.name, actor=caller.user, cause=ask.why, data=data)


Act = Callable[[Desk, Caller, ActOnWorker, Worker], Awaitable[tuple[str, str]]]
"""Does it; how the worker was and is, in words."""

ACTS: Mapping[str, Act] = {
    "quarantine": _quarantine,
    "release": _release,
    "reset": _reset,
}
