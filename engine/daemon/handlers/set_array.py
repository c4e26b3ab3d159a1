"""`set_array`: change how many members run at once, and after how many failures it stops."""

from msgspec.structs import replace

from engine.control.messages import SetArray
from engine.control.views import Acted, Result
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.submit_array import check_bound
from engine.errors import InvalidSpec, NotAllowed, NotFound, StaleLease
from engine.ledger.writes import Write
from engine.model.array import Array
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.store.protocol import Draft, Unit

TRIES = 20


async def answer(desk: Desk, caller: Caller, ask: SetArray) -> Acted:
    """Set what is said, leave the rest as it is. Raises: Refused."""
    caller.must_act()
    check_bound("limit", ask.limit)
    check_bound("stop_after", ask.stop_after)
    if ask.limit is not None and ask.no_limit:
        raise InvalidSpec("a limit and no limit at once", field="limit")
    if ask.limit is None and ask.stop_after is None and not ask.no_limit:
        raise InvalidSpec("say a limit, no limit, or after how many failures it stops")
    for _ in range(TRIES):
        was = await desk.store.array(JobId(ask.id))
        if was is None:
            raise NotFound(f"#{ask.id} is no array", field="id")
        if was.id not in desk.working_set.arrays:
            raise NotAllowed(f"#{was.id} has ended")
        try:
            await _write(desk, caller, was, _wanted(was, ask))
        except StaleLease:
            continue
        await desk.arrays.settle([was.id])
        wanted = _wanted(was, ask)
        result = Result(id=was.id, ok=True, was=_text(was), now=_text(wanted))
        return Acted(results=(result,), matched=1)
    raise StaleLease(f"array #{ask.id} is being changed by others; try again")


def _wanted(was: Array, ask: SetArray) -> Array:
    limit = None if ask.no_limit else was.limit if ask.limit is None else ask.limit
    stop_after = was.stop_after if ask.stop_after is None else ask.stop_after
    return replace(was, limit=limit, stop_after=stop_after)


async def _write(desk: Desk, caller: Caller, was: Array, wanted: Array) -> None:
    if wanted == was:
        return
    event = Draft(
        type=EventType.ARRAY_LIMITED,
        job=was.id,
        actor=caller.user,
        cause=f"{caller.user} set {_text(wanted)}",
        data={"limit": wanted.limit, "stop_after": wanted.stop_after},
    )
    events = [event, *caller.account.closing(changed=1)]
    unit = Unit(epoch=desk.working_set.epoch, arrays=[(was.version, wanted)], events=events)
    caller.account.done(await desk.ledger.writer.post(lambda: Write(unit)))


def _text(array: Array) -> str:
    limit = "no limit" if array.limit is None else f"limit {array.limit}"
    if array.stop_after is None:
        return limit
    return f"{limit}, stops after {array.stop_after} failed"
