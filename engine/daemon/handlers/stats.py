"""`stats`: counters and gauges, exact and cheap."""

import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.control.messages import GetStats
from engine.control.views import EngineStats, JobCounts, Stats
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.workers import workers_at
from engine.daemon.past.moment import counters, moment

DESCRIPTORS: Final = ("/proc/self/fd", "/dev/fd")


async def answer(desk: Desk, _: Caller, ask: GetStats) -> Stats:
    """Everything that is counted. Raises: InvalidSpec for no such moment."""
    when = await moment(desk, ask.as_of)
    sums = await counters(when)
    return Stats(
        daemon=desk.introduce(),
        jobs=JobCounts(by_state=sums.by_state(), by_queue=sums.by_queue()),
        workers=await workers_at(desk, when),
        engine=_engine(desk),
        now_at=when.now_at,
    )


def _descriptors() -> int:
    """How many files and sockets are open; 0 if the system does not tell."""
    for folder in DESCRIPTORS:
        with suppress(OSError):
            return sum(1 for _ in Path(folder).iterdir())
    return 0


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
        waiting_units=writer.waiting,
        groups=writer.groups,
        lock_waits=writer.refusals,
        checkpoint_at=desk.store.checkpoint_at,
        descriptors=_descriptors(),
        descriptors_most=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        shapes=len({key.shape for key in desk.working_set.lanes.windows}),
    )
