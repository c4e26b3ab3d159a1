"""Why a worker takes no new work, in words, and what would have it take some again."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from engine.model.job import Shape
from engine.model.link import Link, LinkState
from engine.model.reasons import Remedy
from engine.model.snapshot import Room, Snapshot
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.scheduling.placement import is_open, shortage
from engine.policy.why import remedies

NOT_LINKED = frozenset({LinkState.LOST, LinkState.REFUSED})


def condition(worker: Worker, snapshot: Snapshot) -> str:
    """Why a worker takes no new work; what only a person can change comes first.

    `quarantined: …`, `refused: …`, `down: …`, `draining`, `kept back: breaker open for …`.
    """
    link = snapshot.links.get(worker.name)
    if worker.quarantined:
        return f"quarantined: {worker.quarantined}"
    if link is not None and link.state is LinkState.REFUSED:
        return f"refused: {link.error}"
    if worker.health is not Health.HEALTHY:
        return _unwell(worker, link, snapshot.now_at)
    if worker.draining:
        return "draining"
    return _tripped(worker, snapshot)


def opens_at(workers: Iterable[Worker], snapshot: Snapshot) -> int | None:
    """When the first of them is tried again by itself, if its breaker is all that is shut."""
    found = (
        tripped.until_at
        for worker in workers
        if is_open(_trusted(worker)) and (tripped := snapshot.tripped.get(worker.name))
    )
    later = [at for at in found if at is not None and at > snapshot.now_at]
    return min(later, default=None)


def readmitting(workers: Sequence[Worker], snapshot: Snapshot) -> Remedy | None:
    """The one act after which one of them takes work; None if no single one is enough."""
    for worker in workers:
        if is_open(replace(worker, draining=False)):
            return remedies.reopen(worker.name)
    for worker in workers:
        if is_open(_trusted(worker)):
            return remedies.reset(worker.name)
    for worker in workers:
        if is_open(replace(worker, quarantined="")):
            return remedies.unquarantine(worker.name)
    for worker in workers:
        if _may_be_reached(worker, snapshot) and is_open(
            replace(worker, health=Health.HEALTHY)
        ):
            return remedies.reconnect(worker.name)
    return None


def retried(shape: Shape, rooms: Iterable[Room]) -> Remedy | None:
    """To trust a worker at once on which all that is missing is a permit."""
    for room in rooms:
        if room.worker.permits is None:
            continue
        trusted = Room(_trusted(room.worker), room.taken, room.slots_taken, room.gpus_taken)
        if not shortage(shape, trusted):
            return remedies.reset(room.worker.name)
    return None


def _trusted(worker: Worker) -> Worker:
    return replace(worker, breaker=BreakerState.CLOSED, permits=None)


def _may_be_reached(worker: Worker, snapshot: Snapshot) -> bool:
    link = snapshot.links.get(worker.name)
    return link is not None and link.state in NOT_LINKED and not link.spool_taken


def _unwell(worker: Worker, link: Link | None, now_at: int) -> str:
    """`down: no link since 41s, next try in 12s (connection refused)`."""
    word = worker.health.value
    if link is None or link.state is LinkState.CONNECTED:
        return word
    text = f"{word}: no link since {seconds(now_at - link.since_at)}"
    if link.next_try_at is not None:
        text += f", next try in {seconds(link.next_try_at - now_at)}"
    return f"{text} ({link.error})" if link.error else text


def _tripped(worker: Worker, snapshot: Snapshot) -> str:
    """`kept back: breaker open for 38s (5 failures in a row: the spool is full)`."""
    tripped = snapshot.tripped.get(worker.name)
    if tripped is None:
        return f"kept back: breaker {worker.breaker.value}"
    left = ""
    if tripped.until_at is not None:
        left = f" for {seconds(tripped.until_at - snapshot.now_at)}"
    row = "1 failure" if tripped.failures == 1 else f"{tripped.failures} failures in a row"
    why = f": {tripped.why}" if tripped.why else ""
    return f"kept back: breaker {worker.breaker.value}{left} ({row}{why})"


def seconds(microseconds: int) -> str:
    """`41s`, `12m`, `3h`."""
    seconds = max(0, microseconds) // 1_000_000
    if seconds < 120:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds < 7200 else f"{seconds // 3600}h"
