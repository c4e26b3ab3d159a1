"""What wanted attention at a moment of the past: as far as rows and events tell.

What only memory knows (links, breakers' reasons, rounds that are late, lanes) is left out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.control.views import Vitals
from engine.daemon.past.moment import Moment, counters
from engine.daemon.past.places import MOST_RUNNING
from engine.daemon.pictures.failed_runs import failed_runs
from engine.ledger.memory.queues import in_effect
from engine.model.attention import Matter
from engine.model.job import Job
from engine.model.redaction import run_text
from engine.model.states import State
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.trends.hearing import Trends
from engine.policy.trends.repeats import Repeats
from engine.policy.trends.series import HOUR_US
from engine.policy.why import matters
from engine.policy.why.attention import ranked

if TYPE_CHECKING:
    from engine.daemon.desk import Desk

WAITING = (State.PENDING, State.QUEUED, State.RETRYING)


async def past_matters(desk: "Desk", when: Moment) -> tuple[Sequence[Matter], Vitals]:
    """What is known of then, ranked; and the few numbers that are always in sight."""
    trends, repeats = await desk.past_hour.before(desk.store, when.seq)
    workers = await when.reads.workers()
    running = await when.past.running(MOST_RUNNING) if when.past is not None else []
    reaches = (_reach(worker, running) for worker in workers)
    found = [
        *filter(None, map(matters.of_worker, reaches)),
        *await _queues(desk, when),
        *await failed_runs(desk.store, when.reads, when.now_at),
        *await _repeats(when, repeats),
    ]
    return ranked(found), _vitals(workers, trends, when.now_at, len(running))


def _reach(worker: Worker, running: Sequence[Job]) -> matters.Reach:
    jobs = [job for job in running if job.now.worker == worker.name]
    silent = [job.now.unreachable_at for job in jobs if job.now.unreachable_at is not None]
    return matters.Reach(
        worker=worker,
        jobs=len(jobs),
        silent=len(silent),
        silent_at=min(silent, default=None),
        seen_at=worker.seen_at,
    )


async def _queues(desk: "Desk", when: Moment) -> list[Matter]:
    sums = (await counters(when)).by_queue()
    stored = {queue.name: queue for queue in await when.reads.queues()}
    lines = (
        matters.Line(queue=queue, waiting=sum(sums.get(name, {}).get(s, 0) for s in WAITING))
        for name, queue in in_effect(stored, desk.working_set.rules).items()
    )
    found = (matters.of_queue(line, when.now_at) for line in lines)
    return [matter for matter in found if matter is not None]


async def _repeats(when: Moment, repeats: Repeats) -> list[Matter]:
    often = repeats.often(when.now_at)
    jobs = {job.id: job for job in await when.reads.jobs([one.last for one in often])}
    names = {id_: job.spec.name or run_text(job.spec)[:40] for id_, job in jobs.items()}
    return [matters.of_repeat(one, names.get(one.last, "")) for one in often]


def _vitals(workers: Sequence[Worker], trends: Trends, at: int, running: int) -> Vitals:
    up = [one for one in workers if _is_up(one)]
    return Vitals(
        failed_1h=trends.all.failed(at, HOUR_US),
        workers=len(workers),
        workers_up=len(up),
        slots=sum(one.slots for one in up),
        slots_taken=running,
    )


def _is_up(worker: Worker) -> bool:
    is_trusted = not worker.quarantined and worker.breaker is not BreakerState.OPEN
    return is_trusted and worker.health is not Health.DOWN
