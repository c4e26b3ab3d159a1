"""Granting: an attempt as it is intended, and what is written of it before it is started."""

from engine.ledger.deciding import draft, job_move
from engine.ledger.memory.live import Live
from engine.ledger.writes import Write
from engine.model.attempt import Attempt, Lease
from engine.model.ids import Epoch, attempt_id
from engine.model.limits import Partition
from engine.model.states import Phase
from engine.model.worker import Worker
from engine.policy.jobs.lifecycle import grant
from engine.policy.scheduling.decisions import Start
from engine.store.protocol import Unit


def intended(
    start: Start, worker: Worker | None, epoch: Epoch, now_at: int, lease_ms: int
) -> Live:
    """The next attempt of a job that was granted.

    Args:
        start: The grant.
        worker: Where to; None if it has just left.
        epoch: Ours.
        now_at: When it was granted.
        lease_ms: How long its host goes on without a word of us, if the job wants that.
    """
    job = start.job
    number = job.now.attempts + 1
    is_held = worker is not None and job.spec.resources.memory_mb > 0
    attempt = Attempt(
        id=attempt_id(job.id, number, epoch),
        job=job.id,
        number=number,
        epoch=epoch,
        worker=start.worker,
        phase=Phase.INTENT,
        intent_at=now_at,
        gpus=start.gpus,
        limits=worker.limits if worker is not None and is_held else "",
        lease_ms=lease_ms if job.spec.on_partition is Partition.REPLACE else None,
    )
    return Live(attempt, job, _shape=start.shape)


def written_intent(live: Live, start: Start, lease_ttl_us: int) -> Write:
    """What is on disk of an attempt before anything of it is started: it, and its lease."""
    job, attempt = start.job, live.attempt
    change = grant(job, attempt.id, start.worker, start.why)
    lease = Lease(
        attempt=attempt.id,
        job=job.id,
        epoch=attempt.epoch,
        worker=attempt.worker,
        granted_at=attempt.intent_at,
        renewed_at=attempt.intent_at,
        expires_at=attempt.intent_at + lease_ttl_us,
    )
    unit = Unit(
        epoch=attempt.epoch,
        moves=[job_move(job, change)],
        new_attempts=[(attempt, lease)],
        events=[draft(job, change)],
    )
    return Write(unit, {job.id: job})
