"""Queues and workers as they were: from what the store kept, where now is known in memory.

Rates of starts, weights and limits that the configuration says are those of today's.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from engine.control.views import QueuesView, WorkerView
from engine.daemon.desk import Desk
from engine.daemon.past.moment import Moment, counters
from engine.daemon.pictures.queues import queue_view
from engine.ledger.memory.backlog import ENDS
from engine.ledger.memory.queues import in_effect
from engine.ledger.memory.working_set import DEFAULT_QUEUE
from engine.model.events import EventType
from engine.model.ids import Seq
from engine.model.job import Job
from engine.model.rules import Mode
from engine.model.worker import Queue, Worker
from engine.policy.entry.arrivals import ALL
from engine.policy.shapes import needs, shape_of
from engine.store.moments import Past

MINUTE_US: Final = 60_000_000

MOST_QUEUED: Final = 100_000
"""Of more jobs in the queues it is not looked for how long the first of them has waited."""

MOST_RUNNING: Final = 5_000
"""So many running jobs at most are added up to what is taken of the workers."""

NAMED: Final = 20

CAME: Final = (EventType.JOB_SUBMITTED, EventType.JOBS_SUBMITTED)
STARTED: Final = (EventType.JOB_STARTED,)


async def past_queues(desk: Desk, when: Moment, past: Past) -> QueuesView:
    """All queues in effect then, by name."""
    sums = await counters(when)
    counts = sums.by_queue()
    stored = {queue.name: queue for queue in (DEFAULT_QUEUE, *await past.queues())}
    known = in_effect(stored, desk.working_set.rules)
    oldest = await _oldest(past) if sums.in_state("queued") <= MOST_QUEUED else {}
    flows = await past.flows(await _minute_before(desk, when))
    rates = [_sums(flows, kinds) for kinds in (CAME, STARTED, ENDS)]
    modes = await past.modes()
    shown = sorted({*known, *counts})
    return QueuesView(
        queues=tuple(
            queue_view(
                queue := known.get(name, Queue(name=name)),
                counts.get(name, {}),
                oldest_at=oldest.get(name),
                rates=[rate[name] for rate in rates],
                mode=modes.get(name, Mode.NORMAL),
                limit_from="hand" if "limit" in queue.own else "config",
            )
            for name in shown
        ),
        seq=when.seq,
        mode=modes.get(ALL, Mode.NORMAL).label,
        depth=sum(sums.in_state(state) for state in ("pending", "queued")),
    )


async def _minute_before(desk: Desk, when: Moment) -> Seq:
    return await desk.store.moment_at(when.now_at - MINUTE_US)


def _sums(
    flows: Mapping[tuple[str, EventType], int], kinds: Collection[EventType]
) -> Counter[str]:
    """How many of these there were in each queue."""
    found: Counter[str] = Counter()
    for (queue, kind), number in flows.items():
        found[queue] += number if kind in kinds else 0
    return found


async def _oldest(past: Past) -> dict[str, int]:
    """Since when the job that waited longest in each queue was queued."""
    found: dict[str, int] = {}
    for standing in await past.standings():
        if standing.state == "queued" and not standing.mark:
            known = found.get(standing.queue, standing.oldest_at)
            found[standing.queue] = min(known, standing.oldest_at)
    return found


async def past_workers(past: Past) -> tuple[WorkerView, ...]:
    """All workers that there were, by name, with what running jobs had taken of them."""
    on: dict[str, list[Job]] = {}
    for job in await past.running(MOST_RUNNING):
        on.setdefault(job.now.worker or "", []).append(job)
    workers = sorted(await past.workers(), key=lambda worker: worker.name)
    return tuple(_worker_view(worker, on.get(worker.name, ())) for worker in workers)


def _worker_view(worker: Worker, jobs: Sequence[Job]) -> WorkerView:
    taken: Counter[str] = Counter()
    for job in jobs:
        taken.update(dict(needs(shape_of(job.spec))))
    lost = [job.id for job in jobs if job.now.unreachable_at is not None]
    return WorkerView(
        name=worker.name,
        backend=worker.backend,
        health=worker.health.value,
        draining=worker.draining,
        slots=worker.slots,
        slots_taken=len(jobs),
        capacity=dict(worker.capacity.items()),
        taken=dict(taken),
        seen_at=worker.seen_at,
        labels=worker.labels,
        production=worker.production,
        gpu_types=worker.gpu_types,
        limits=worker.limits,
        waits_for=tuple(sorted(job.id for job in jobs)[:NAMED]) if worker.draining else (),
        address=worker.address,
        quarantined=worker.quarantined,
        breaker=worker.breaker.value,
        permits=worker.permits,
        at_risk=tuple(sorted(lost)[:NAMED]),
        boot=worker.boot,
        registered_at=worker.registered_at,
    )
