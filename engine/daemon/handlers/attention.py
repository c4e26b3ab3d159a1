"""`attention` and `acknowledge`: what wants somebody, and that somebody knows."""

from collections.abc import Callable, Mapping, Sequence

from engine.control.messages import Acknowledge, ListMatters
from engine.control.views import Acted, AttentionView, Result, Vitals
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.minding import past_matters
from engine.daemon.past.moment import moment
from engine.errors import NotFound
from engine.ledger.writes import Write
from engine.model.attention import Acknowledged, Matter
from engine.model.job import COMMANDS
from engine.model.link import LinkState
from engine.model.words import nearest
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.trends.series import HOUR_US
from engine.policy.why.attention import acknowledged, withdrawn
from engine.store.protocol import Unit

Known = Mapping[str, Acknowledged]


async def answer(desk: Desk, _: Caller, ask: ListMatters) -> AttentionView:
    """What wants attention, in a calm order. Raises: InvalidSpec for no such moment."""
    when = await moment(desk, ask.as_of)
    if when.past is not None:
        then, vitals = await past_matters(desk, when)
        return AttentionView(
            matters=tuple(then),
            open=len(then),
            clear_since_at=None,
            vitals=vitals,
            now_at=when.now_at,
        )
    found = await desk.minding.look(desk)
    return AttentionView(
        matters=tuple(found),
        open=sum(not matter.acknowledged_by for matter in found),
        clear_since_at=desk.minding.clear_since_at,
        vitals=_vitals(desk),
        now_at=desk.clock.now(),
    )


async def acknowledge(desk: Desk, caller: Caller, ask: Acknowledge) -> Acted:
    """Have a matter stand below all others for an hour; or take that back.

    Raises:
        NotFound: nothing of this key wants attention now; names the nearest.
    """
    caller.must_act()
    matter = _find(await desk.minding.look(desk), ask.key)
    known, now_at = desk.working_set.acknowledged, desk.clock.now()
    if ask.undo and ask.key not in known:
        return _acted(matter, "not acknowledged", "not acknowledged")

    def change(known: Known) -> dict[str, Acknowledged]:
        if ask.undo:
            return withdrawn(known, {ask.key})
        return acknowledged(known, matter, caller.user, now_at)

    await _write(desk, caller, change)
    was = f"acknowledged by {known[ask.key].by}" if ask.key in known else "not acknowledged"
    now = "not acknowledged" if ask.undo else f"acknowledged by {caller.user} for 1 h"
    return _acted(matter, was, now)


async def _write(
    desk: Desk, caller: Caller, change: Callable[[Known], dict[str, Acknowledged]]
) -> None:
    """Write all acknowledgements as they shall be, from those that are newest then."""

    def build() -> Write:
        unit = Unit(
            epoch=desk.working_set.epoch,
            acknowledged=change(desk.working_set.acknowledged),
            events=caller.account.closing(changed=1, own=0),
        )
        return Write(unit)

    caller.account.done(await desk.ledger.writer.post(build))


def _find(matters: Sequence[Matter], key: str) -> Matter:
    keys = {matter.key: matter for matter in matters}
    if key in keys:
        return keys[key]
    near = nearest(key, keys)
    hint = f"did you mean {near!r}?" if near else "`crabtui attention` lists what does"
    raise NotFound(f"nothing called {key!r} wants attention; {hint}", field="key", nearest=near)


def _acted(matter: Matter, was: str, now: str) -> Acted:
    return Acted(results=(Result(id=matter.key, ok=True, was=was, now=now),), matched=1)


def _vitals(desk: Desk) -> Vitals:
    workers = desk.working_set.workers.values()
    up = [worker for worker in workers if _is_up(desk, desk.working_set.seen(worker))]
    trends = desk.past_hour.trends.all
    taken = desk.working_set.usage
    hosts = [worker for worker in up if COMMANDS in worker.runs]  # pools have other bounds
    return Vitals(
        failed_1h=trends.failed(desk.clock.now(), HOUR_US),
        workers=len(workers),
        workers_up=len(up),
        slots=sum(worker.slots for worker in hosts),
        slots_taken=sum(taken.room(worker).slots_taken for worker in hosts),
    )


def _is_up(desk: Desk, worker: Worker) -> bool:
    member = desk.fleet.members.get(worker.name)
    is_reached = member is not None and member.linking.link.state is LinkState.CONNECTED
    is_trusted = not worker.quarantined and worker.breaker is not BreakerState.OPEN
    return is_reached and is_trusted and worker.health is not Health.DOWN
