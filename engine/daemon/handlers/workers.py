"""`workers` and `set_worker`: what the workers hold; draining one, and taking it back."""

from msgspec.structs import replace

from engine.control.messages import ListWorkers, SetWorker
from engine.control.views import Acted, LinkView, Result, WorkersView, WorkerView
from engine.daemon.desk import Caller, Desk
from engine.daemon.fleet.member import Member, Origin
from engine.daemon.past.moment import Moment, moment
from engine.daemon.past.places import past_workers
from engine.errors import EngineError, NotAllowed, NotFound
from engine.model.events import EventType
from engine.model.link import LinkState
from engine.model.sight import Sight
from engine.model.words import nearest
from engine.model.worker import Health, Worker
from engine.store.protocol import Draft

NAMED = 20
"""Jobs of a worker that are told of at most."""

STALE_US = 60_000_000
"""What was heard of a host longer ago may be old."""


async def answer(desk: Desk, _: Caller, ask: ListWorkers) -> WorkersView:
    """All workers, by name. Raises: InvalidSpec for no such moment."""
    when = await moment(desk, ask.as_of)
    return WorkersView(workers=await workers_at(desk, when), now_at=when.now_at)


async def workers_at(desk: Desk, when: Moment) -> tuple[WorkerView, ...]:
    """All workers of a moment, by name."""
    if when.past is not None:
        return await past_workers(when.past)
    workers = sorted(desk.working_set.workers.values(), key=lambda worker: worker.name)
    return tuple(worker_view(desk, worker) for worker in workers)


def worker_view(desk: Desk, worker: Worker) -> WorkerView:
    """A worker and what of it is taken now."""
    working_set, now_at = desk.working_set, desk.clock.now()
    worker = working_set.seen(worker)
    room = working_set.usage.room(worker, working_set.sights.burden(worker.name, now_at))
    sight = working_set.sights.by_worker.get(worker.name)
    devices = range(room.gpus_taken.bit_length())
    member = desk.fleet.members.get(worker.name)
    seen_at = _seen_at(worker, member)
    state = member.linking.link.state if member else LinkState.LOST
    is_reached = state is LinkState.CONNECTED and worker.health is not Health.DOWN
    now_seen = sight if is_reached else None
    tripped = working_set.tripped.get(worker.name)
    return WorkerView(
        name=worker.name,
        backend=worker.backend,
        health=_health(worker, state),
        draining=worker.draining,
        slots=worker.slots,
        slots_taken=room.slots_taken,
        capacity=dict(worker.capacity.items()),
        taken={name: amount for name, amount in room.taken.items() if amount},
        seen_at=seen_at,
        warnings=desk.fleet.told_of(worker.name),
        labels=worker.labels,
        production=worker.production,
        gpus_taken=tuple(n for n in devices if room.gpus_taken >> n & 1),
        gpu_types=worker.gpu_types,
        limits=worker.limits,
        waits_for=_jobs_on(desk, worker) if worker.draining else (),
        address=worker.address,
        identity=(member.rules.identity or "") if member else "",
        ssh_config=member.rules.ssh_config if member else True,
        quarantined=worker.quarantined,
        breaker=worker.breaker.value,
        permits=worker.permits,
        breaker_why=tripped.why if tripped else "",
        breaker_failures=tripped.failures if tripped else 0,
        breaker_until_at=tripped.until_at if tripped else None,
        sight=now_seen,
        last_sight=None if is_reached else sight,
        drift_ms=now_seen.drift_ms if now_seen else None,
        origin=member.origin.value if member else Origin.GONE.value,
        link=_link(member, now_seen) if member else None,
        stale=seen_at is not None and now_at - seen_at > STALE_US,
        at_risk=_jobs_on(desk, worker) if worker.health is Health.DOWN else (),
        boot=worker.boot,
        registered_at=worker.registered_at,
    )


def _health(worker: Worker, state: LinkState) -> str:
    """In a word; of a worker that this daemon has only begun to reach nothing is known."""
    if worker.health is Health.DOWN and state is LinkState.CONNECTING:
        return state.value
    return worker.health.value


def _seen_at(worker: Worker, member: Member | None) -> int | None:
    """When its host last gave any sign of life, as far as is known."""
    seen = member.linking.heard_at if member else None
    return worker.seen_at if seen is None else seen


def _link(member: Member, sight: Sight | None) -> LinkView:
    link = member.linking.link
    measured = sight.round_trip_ms if sight else None
    is_connected = link.state is LinkState.CONNECTED
    return LinkView(
        state=link.state.value,
        since_at=link.since_at,
        next_try_at=link.next_try_at,
        tries=link.tries,
        error=link.error,
        round_trip_ms=link.round_trip_ms if measured is None and is_connected else measured,
        spool_taken=link.spool_taken,
    )


def _jobs_on(desk: Desk, worker: Worker) -> tuple[int, ...]:
    lives = desk.fleet.lives_on(worker.name)
    return tuple(sorted(live.job.id for live in lives)[:NAMED])


async def change(desk: Desk, caller: Caller, ask: SetWorker) -> Acted:
    """Start nothing new on a worker, or let it take work again.

    Raises:
        NotFound: there is no such worker.
        NotAllowed: it has left the configuration, and only ends what it runs.
    """
    caller.must_act()
    worker = find_worker(desk, ask.name)
    member = desk.fleet.members.get(ask.name)
    if member is None or member.is_leaving:
        raise _departed(ask.name)
    if worker.draining != ask.drain:
        events = [_event(caller, ask), *caller.account.closing(changed=1)]
        caller.account.done(
            await desk.ledger.change_worker(
                ask.name, lambda now: replace(now, draining=ask.drain), *events
            )
        )
    result = Result(id=ask.name, ok=True, was=_text(worker.draining), now=_text(ask.drain))
    return Acted(results=(result,), matched=1)


def find_worker(desk: Desk, name: str) -> Worker:
    """The worker of this name. Raises: NotFound."""
    worker = desk.working_set.workers.get(name)
    if worker is None:
        raise _unknown(desk, name)
    return worker


def _event(caller: Caller, ask: SetWorker) -> Draft:
    return Draft(
        type=EventType.WORKER_CHANGED,
        worker=ask.name,
        actor=caller.user,
        cause=ask.why,
        data={"draining": ask.drain},
    )


def _text(draining: bool) -> str:
    return "draining" if draining else "takes work"


def _departed(name: str) -> NotAllowed:
    return NotAllowed(
        f"worker {name!r} has left the configuration and takes no new work: put "
        f"[workers.{name}] back and run `crabtui reload` (`crabtui restart`, if it is a part "
        "of this machine)",
        field="name",
    )


def _unknown(desk: Desk, name: str) -> EngineError:
    known = sorted(desk.working_set.workers)
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
    return NotFound(f"there is no worker {name!r}: {hint}", field="name", nearest=near)
