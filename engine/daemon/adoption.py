"""Adoption: before anything new starts, take over what the last daemon left running."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from engine.backends.protocol import Backend, HostFacts
from engine.clock import Clock
from engine.config import LOCAL, UNTOUCHED, Settings, WorkerRules
from engine.ledger.attempts import Attempts
from engine.ledger.ledger import Ledger
from engine.ledger.live import Live
from engine.ledger.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.resources import Resources
from engine.model.worker import Worker
from engine.store.protocol import Draft


async def register_worker(
    name: str,
    facts: HostFacts,
    *,
    settings: Settings,
    working_set: WorkingSet,
    ledger: Ledger,
    clock: Clock,
    rules: WorkerRules = UNTOUCHED,
) -> None:
    """Write down what a worker has now, and whether its host was started anew."""
    known = working_set.workers.get(name)
    capacity = rules.overlay(facts.capacity)
    worker = Worker(
        name=name,
        backend=LOCAL,
        labels=rules.labels,
        capacity=capacity,
        slots=_slots(capacity, settings) if rules.slots is None else rules.slots,
        gpu_types=rules.gpu_types,
        production=rules.production,
        limits=facts.limits if rules.limits else "",
        boot=facts.ident,
        registered_at=known.registered_at if known else clock.now(),
        seen_at=clock.now(),
        draining=known.draining if known else False,
        version=known.version if known else 0,
    )
    if known is not None and _without_what_drifts(known) == _without_what_drifts(worker):
        working_set.workers[name] = worker
        return
    is_new = known is None or known.boot != worker.boot
    type_ = EventType.WORKER_REGISTERED if is_new else EventType.WORKER_CHANGED
    data: dict[str, object] = {"boot": worker.boot, **dict(worker.capacity.items())}
    await ledger.set_worker(known, worker, Draft(type=type_, worker=name, data=data))


def _slots(capacity: Resources, settings: Settings) -> int:
    cpus = max(1, capacity.cpu_milli // 1000)
    return max(settings.fewest_slots, settings.slots_per_cpu * cpus)


def keep_to(working_set: WorkingSet, names: Collection[str]) -> None:
    """Have only these workers take work: others are known for as long as they have some."""
    busy = {live.attempt.worker for live in working_set.live.by_attempt.values()}
    working_set.workers = {
        name: worker if name in names else replace(worker, draining=True)
        for name, worker in working_set.workers.items()
        if name in names or name in busy
    }


def _without_what_drifts(worker: Worker) -> Worker:
    """What of a worker is worth an event when it changes: not the free disk of the hour."""
    return replace(worker, seen_at=None, capacity=replace(worker.capacity, storage_mb=0))


async def adopt(
    working_set: WorkingSet, attempts: Attempts, backends: Mapping[str, Backend]
) -> None:
    """Ask every host about every open attempt, and take in the answers."""
    by_worker: dict[str, list[Live]] = defaultdict(list)
    for live in working_set.live.by_attempt.values():
        by_worker[live.attempt.worker].append(live)
    for worker, lives in by_worker.items():
        backend = backends.get(worker)
        if backend is None:
            continue
        for report in await backend.adopt([live.attempt.id for live in lives]):
            attempts.heard(report)


async def stop_again(working_set: WorkingSet, attempts: Attempts) -> None:
    """Repeat the stops that the last daemon promised and may not have passed on."""
    for live in list(working_set.live.by_attempt.values()):
        if live.job.now.stopping:
            await attempts.stop(live)
