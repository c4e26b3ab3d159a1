"""Leavings: what the end of an attempt says of its outputs and caches. All pure."""

from engine.backends.protocol import HostState, Report
from engine.ledger.live import Live
from engine.model.attempt import Attempt
from engine.model.keeping import CacheCount, CacheKind, Collection
from engine.model.outcome import Verdict
from engine.store.keeping import Leavings


def leavings_of(live: Live, report: Report, over: Attempt, now_at: int) -> Leavings | None:
    """What is written with the end of an attempt; None: it leaves nothing.

    Args:
        live: The attempt.
        report: Of its end.
        over: As it shall be.
        now_at: When this is known.
    """
    owed = [_owed(over, now_at)] if owes_outputs(live, report) else []
    counts = [
        CacheCount(
            kind=CacheKind.BUILD,
            name=use.name,
            hits=int(use.is_hit),
            misses=int(not use.is_hit),
            restore_ms=use.restore_ms,
            store_ms=use.store_ms,
            hit_run_ms=_ran_ms(over) if use.is_hit else 0,
            miss_run_ms=0 if use.is_hit else _ran_ms(over),
            size_bytes=use.size_bytes,
        )
        for use in report.caches
        if over.verdict is Verdict.SUCCEEDED
    ]
    return Leavings(collections=owed, counts=counts) if owed or counts else None


def owes_outputs(live: Live, report: Report) -> bool:
    """Whether its host may have outputs of it: a process of it ran, and was seen to end."""
    ran = report.code is not None or report.signal is not None
    return bool(live.job.spec.outputs) and report.state is HostState.EXITED and ran


def _owed(over: Attempt, now_at: int) -> Collection:
    return Collection(attempt=over.id, job=over.job, worker=over.worker, at=now_at)


def _ran_ms(over: Attempt) -> int:
    if over.started_at is None or over.ended_at is None:
        return 0
    return max(over.ended_at - over.started_at, 0) // 1000
