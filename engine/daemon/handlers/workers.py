"""`workers` and `set_worker`: what the workers hold; draining one, and taking it back."""

from msgspec.structs import replace

from engine.control.messages import ListWorkers, SetWorker
from engine.control.views import Acted, Result, WorkersView, WorkerView
from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError, NotAllowed, NotFound
from engine.model.events import EventType
from engine.model.words import nearest
from engine.model.worker import Worker
from engine.store.protocol import Draft

NAMED = 20
"""Jobs that a draining worker waits for, as they are told of at most."""


async def answer(desk: Desk, _: Caller, __: ListWorkers) -> WorkersView:
    """All workers, by name."""
    workers = sorted(desk.working_set.workers.values(), key=lambda worker: worker.name)
    return WorkersView(
        workers=tuple(worker_view(desk, worker) for worker in workers), now_at=desk.clock.now()
    )


def worker_view(desk: Desk, worker: Worker) -> WorkerView:
    """A worker and what of it is taken now."""
    room = desk.working_set.usage.room(worker)
    devices = range(room.gpus_taken.bit_length())
    return WorkerView(
        name=worker.name,
        backend=worker.backend,
        health=worker.health.value,
        draining=worker.draining,
        slots=worker.slots,
        slots_taken=room.slots_taken,
        capacity=dict(worker.capacity.items()),
        taken={name: amount for name, amount in room.taken.items() if amount},
        seen_at=worker.seen_at,
        warnings=desk.warnings.get(worker.name, ()),
        labels=worker.labels,
        production=worker.production,
        gpus_taken=tuple(n for n in devices if room.gpus_taken >> n & 1),
        gpu_types=worker.gpu_types,
        limits=worker.limits,
        waits_for=_waits_for(desk, worker) if worker.draining else (),
        address=worker.address,
        quarantined=worker.quarantined,
        breaker=worker.breaker.value,
        permits=worker.permits,
        boot=worker.boot,
        registered_at=worker.registered_at,
    )


def _waits_for(desk: Desk, worker: Worker) -> tuple[int, ...]:
    live = desk.working_set.live.by_attempt.values()
    return tuple(
        sorted(one.job.id for one in live if one.attempt.worker == worker.name)[:NAMED]
    )


async def change(desk: Desk, caller: Caller, ask: SetWorker) -> Acted:
    """Start nothing new on a worker, or let it take work again.

    Raises:
        NotFound: there is no such worker.
        NotAllowed: it has left the configuration, and only ends what it runs.
    """
    caller.must_act()
    worker = find_worker(desk, ask.name)
    if not desk.configured.has_worker(ask.name):
        raise _departed(ask.name)
    if worker.draining != ask.drain:
        await desk.ledger.change_worker(
            ask.name, lambda now: replace(now, draining=ask.drain), _event(caller, ask)
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
        f"[workers.{name}] back and run `crabtui restart`",
        field="name",
    )


def _unknown(desk: Desk, name: str) -> EngineError:
    known = sorted(desk.working_set.workers)
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
    return NotFound(f"there is no worker {name!r}: {hint}", field="name", nearest=near)
