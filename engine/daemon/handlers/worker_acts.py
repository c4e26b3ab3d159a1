"""`act_on_worker`: workers that go, are set aside and taken back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace as dataclass_replace

from msgspec.structs import replace

from engine.config import LOCAL
from engine.control.messages import ActOnWorker, AuthorizeKey
from engine.control.views import Acted, Result
from engine.daemon.acts.account import Account
from engine.daemon.desk import Caller, Desk
from engine.daemon.fleet.host_answers import answered, try_neighbours
from engine.daemon.fleet.member import Member
from engine.daemon.handlers.workers import find_worker
from engine.errors import InvalidSpec, NotAllowed
from engine.model.events import EventType
from engine.model.link import LinkState
from engine.model.words import unknown
from engine.model.worker import BreakerState, Worker
from engine.store.protocol import Draft

NAMED = 20
"""Jobs that a refusal names at most."""

Answer = tuple[str, str]
"""How the worker was, and how it is now, in words."""


async def act(desk: Desk, caller: Caller, ask: ActOnWorker) -> Acted:
    """Do one act to one worker.

    Raises:
        NotFound: there is no such worker.
        InvalidSpec: there is no such act.
        NotAllowed: it does not go with what the worker is or does now.
    """
    caller.must_act()
    worker = find_worker(desk, ask.name)
    if ask.act not in ACTS:
        raise unknown("act", ask.act, list(ACTS), field="act")
    was, now = await ACTS[ask.act](desk, caller, ask, worker)
    return Acted(results=(Result(id=ask.name, ok=True, was=was, now=now),), matched=1)


async def authorize(desk: Desk, caller: Caller, ask: AuthorizeKey) -> Acted:
    """The line with which a key speaks the runner's verbs on a worker's host.

    Raises:
        NotFound: there is no such worker.
        InvalidSpec: that is no public key, or no verb; or the worker is of this machine.
        Unreachable, LinkRefused: its host cannot be had.
    """
    caller.must_act()
    find_worker(desk, ask.name)
    line = await _member(desk, ask.name).driver.authorize(ask.key, ask.verbs)
    return Acted(results=(Result(id=ask.name, ok=True, now=line),), matched=1)


async def _remove(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    if ask.name == LOCAL:
        raise NotAllowed(
            "this machine always is a worker: `crabtui workers drain local` keeps work from it",
            field="name",
        )
    if place := desk.configured.place_of(ask.name):
        raise NotAllowed(
            f"worker {ask.name!r} stands in the configuration ({place}): take it out there "
            "and run `crabtui reload`",
            field="name",
        )
    async with desk.fleet.changing:
        if lives := desk.fleet.lives_on(ask.name):
            jobs = _named(sorted(live.job.id for live in lives))
            raise NotAllowed(
                f"{ask.name} still has {jobs}: `crabtui workers drain {ask.name}` and wait "
                f"for them, or `crabtui workers declare-dead {ask.name}` if it is gone",
                field="name",
            )
        await desk.enrolment.dismiss(ask.name, caller.user, ask.why)
    return _condition(worker), "removed"


async def _quarantine(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    if not ask.why.strip():
        raise InvalidSpec("say why: others will ask before they release it", field="why")
    event = _event(EventType.WORKER_QUARANTINED, caller, ask)
    await _change(desk, caller, ask, lambda now: replace(now, quarantined=ask.why), event)
    return _condition(worker), f"quarantined: {ask.why}"


async def _release(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    desk.attempts.trust.forgive(ask.name)
    if worker.quarantined:
        event = _event(EventType.WORKER_CHANGED, caller, ask, quarantined="")
        await _change(desk, caller, ask, lambda now: replace(now, quarantined=""), event)
    return _condition(worker), "takes work"


async def _reset(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    was_shut = desk.attempts.trust.reset(ask.name)
    if was_shut or worker.breaker is not BreakerState.CLOSED:
        event = _event(EventType.WORKER_BREAKER, caller, ask, breaker="closed")
        await _change(desk, caller, ask, _closed, event)
    return f"breaker {worker.breaker.value}", "breaker closed"


async def _change(
    desk: Desk,
    caller: Caller,
    ask: ActOnWorker,
    change: Callable[[Worker], Worker],
    event: Draft,
) -> None:
    """Change the worker, and have the account of the act written with that."""
    account = caller.account
    last = account.closing(changed=1)
    account.done(await desk.ledger.change_worker(ask.name, change, event, *last))


def _closed(worker: Worker) -> Worker:
    return replace(worker, breaker=BreakerState.CLOSED, permits=None)


async def _probe(desk: Desk, _: Caller, ask: ActOnWorker, __: Worker) -> Answer:
    member = _member(desk, ask.name)
    was = _standing(desk, member)
    await answered(desk, member, member.linking.look_now())
    return was, _standing(desk, member)


def _standing(desk: Desk, member: Member) -> str:
    worker = desk.working_set.workers[member.name]
    return f"{worker.health.value}, {member.linking.link.state.value}"


async def _reconnect(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    member = _member(desk, ask.name)
    if ask.trust:
        await member.driver.trust(ask.trust)
        await desk.ledger.note(_event(EventType.WORKER_CHANGED, caller, ask, trusted=ask.trust))
    was = member.linking.link.state.value
    await _reset(desk, dataclass_replace(caller, account=Account()), ask, worker)
    outcome = member.linking.connect_anew()
    if ask.trust:
        try_neighbours(desk, ask.name)
    await answered(desk, member, outcome)
    return was, member.linking.link.state.value


async def _declare_dead(desk: Desk, caller: Caller, ask: ActOnWorker, worker: Worker) -> Answer:
    member = desk.fleet.members.get(ask.name)
    if member is not None and member.linking.link.state is LinkState.CONNECTED:
        raise NotAllowed(
            f"{ask.name} answers, so it is not dead: `crabtui workers drain {ask.name}`, or "
            "cancel its jobs",
            field="name",
        )
    jobs = list(await desk.attempts.declare_dead(ask.name, caller.user, ask.why))
    now = f"declared dead; lost are {_named(jobs)}" if jobs else "declared dead; it ran nothing"
    return worker.health.value, now


def _member(desk: Desk, name: str) -> Member:
    member = desk.fleet.members.get(name)
    if member is None:
        raise NotAllowed(f"nothing drives {name!r} any more", field="name")
    return member


def _named(jobs: Sequence[int]) -> str:
    more = f" and {len(jobs) - NAMED} more" if len(jobs) > NAMED else ""
    return ", ".join(f"#{job}" for job in jobs[:NAMED]) + more


def _condition(worker: Worker) -> str:
    if worker.quarantined:
        return f"quarantined: {worker.quarantined}"
    return "draining" if worker.draining else "takes work"


def _event(type_: EventType, caller: Caller, ask: ActOnWorker, **data: object) -> Draft:
    return Draft(type=type_, worker=ask.name, actor=caller.user, cause=ask.why, data=data)


Act = Callable[[Desk, Caller, ActOnWorker, Worker], Awaitable[Answer]]

ACTS: Mapping[str, Act] = {
    "remove": _remove,
    "quarantine": _quarantine,
    "release": _release,
    "reset": _reset,
    "probe": _probe,
    "reconnect": _reconnect,
    "declare_dead": _declare_dead,
}
