"""`act_on_cron`: pause, resume or remove what recurs, or run it now."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from engine.control.messages import ActOnCron
from engine.control.views import Acted, Result
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.cron_adding import next_instants
from engine.errors import NotFound, StaleLease
from engine.ledger.writes import Write
from engine.model.cron import Cron
from engine.model.events import EventType
from engine.model.words import nearest
from engine.policy.crons.firing import arranged
from engine.store.crons import CronMove
from engine.store.units import Draft, Unit

TRIES = 10

Change = Callable[[Desk, Caller, Cron], Cron | None]


async def answer(desk: Desk, caller: Caller, ask: ActOnCron) -> Acted:
    """Do it. Raises: NotFound: there is none of this name; Refused: it cannot run now."""
    caller.must_act()
    if ask.act == "run":
        return await _run(desk, caller, ask)
    for _ in range(TRIES):
        cron = await find_cron(desk, ask.name)
        now, events = _wanted(desk, caller, ask, cron)
        if not events:
            return _acted(ask.name, _text(cron), _text(cron))
        try:
            await _write(desk, caller, cron, now, events)
        except StaleLease:
            continue
        desk.crons.look_again(ask.name)
        return _acted(ask.name, _text(cron), "removed" if now is None else _text(now))
    raise StaleLease(f"cron {ask.name!r} is being changed by others; try again")


async def find_cron(desk: Desk, name: str) -> Cron:
    """The schedule of this name. Raises: NotFound, naming the nearest."""
    found = await desk.store.cron(name)
    if found is not None:
        return found
    names = [cron.name for cron in await desk.store.crons()]
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else "`crabtui cron list` names all"
    raise NotFound(f"there is no cron {name[:100]!r}: {hint}", field="name", nearest=near)


def _wanted(
    desk: Desk, caller: Caller, ask: ActOnCron, cron: Cron
) -> tuple[Cron | None, list[Draft]]:
    """It as it shall be, None if it shall not; and what is told, nothing if it is so."""
    if ask.act == "remove":
        return None, [_event(EventType.CRON_REMOVED, caller, ask)]
    if (ask.act == "pause") == cron.is_paused:
        return cron, []
    now_at = desk.clock.now()
    by, at = (caller.user, now_at) if ask.act == "pause" else (None, None)
    upcoming = next_instants(cron, now_at, 1)
    changed = replace(cron, paused_by=by, paused_at=at)
    changed = arranged(changed, upcoming[0] if upcoming else None, desk.crons.rng)
    return changed, [_event(EventType.CRON_CHANGED, caller, ask)]


async def _write(
    desk: Desk, caller: Caller, was: Cron, now: Cron | None, events: Sequence[Draft]
) -> None:
    closing = caller.account.closing(changed=1, own=len(events))
    move = CronMove(name=was.name, was_version=was.version, now=now)
    unit = Unit(epoch=desk.working_set.epoch, crons=[move], events=[*events, *closing])
    caller.account.done(await desk.ledger.writer.post(lambda: Write(unit)))


async def _run(desk: Desk, caller: Caller, ask: ActOnCron) -> Acted:
    cron = await find_cron(desk, ask.name)
    job = await desk.crons.run_now(cron, desk.clock.now(), caller.user)
    return _acted(ask.name, _text(cron), f"#{job} submitted")


def _event(kind: EventType, caller: Caller, ask: ActOnCron) -> Draft:
    data: dict[str, object] = {"cron": ask.name, "act": ask.act}
    return Draft(type=kind, actor=caller.user, cause=ask.why, data=data)


def _acted(name: str, was: str, now: str) -> Acted:
    return Acted(results=(Result(id=name, ok=True, was=was, now=now),), matched=1)


def _text(cron: Cron) -> str:
    return "paused" if cron.is_paused else "active"
