"""`stats`: counters and gauges, exact and cheap."""

from engine.control.messages import GetStats
from engine.control.views import EngineStats, JobCounts, Stats, WorkerView
from engine.daemon.desk import Caller, Desk
from engine.model.worker import Worker


async def answer(desk: Desk, _: Caller, __: GetStats) -> Stats:
    """Everything that is counted."""
    counters = desk.working_set.counters
    return Stats(
        daemon=desk.introduce(),
        jobs=JobCounts(by_state=counters.by_state(), by_queue=counters.by_queue()),
        workers=tuple(_worker(desk, one) for one in desk.working_set.workers.values()),
        engine=_engine(desk),
        now_at=desk.clock.now(),
    )


def _worker(desk: Desk, worker: Worker) -> WorkerView:
    room = desk.working_set.usage.room(worker)
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
    )


def _engine(desk: Desk) -> EngineStats:
    writer, rounds = desk.ledger.writer, desk.round_ms
    return EngineStats(
        seq=desk.timeline.head,
        rounds=rounds.count,
        round_ms_p50=rounds.percentile(0.5),
        round_ms_p95=rounds.percentile(0.95),
        commits=writer.commit_ms.count,
        units=writer.units,
        commit_ms_p50=writer.commit_ms.percentile(0.5),
        commit_ms_p95=writer.commit_ms.percentile(0.95),
        live_attempts=len(desk.working_set.live.by_attempt),
        resident_jobs=desk.working_set.lanes.resident,
        lanes=len(desk.working_set.lanes.windows),
        wal_bytes=desk.wal_bytes(),
        clients=desk.clients,
        rss_bytes=desk.rss_bytes(),
    )
