"""Leavings: what the end of an attempt says of its outputs and caches. All pure."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from engine.backends.protocol import HostState, Report
from engine.ledger.memory.live import Live
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.keeping import Artifact, CacheCount, CacheKind, Collected, Collection
from engine.model.outcome import Verdict
from engine.policy.jobs.change import Change
from engine.store.keeping import Leavings
from engine.store.units import Draft


def leavings_of(live: Live, report: Report, over: Attempt, now_at: int) -> Leavings | None:
    """What is written with the end of an attempt; None: it leaves nothing.

    Args:
        live: The attempt.
        report: Of its end.
        over: As it shall be.
        now_at: When this is known.
    """
    kept = live.gathered
    owed = [_owed(over, now_at)] if kept is None and owes_outputs(live, report) else []
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
    if kept is not None:
        return replace(kept, counts=counts)
    return Leavings(collections=owed, counts=counts) if owed or counts else None


def is_owed(leavings: Leavings | None) -> bool:
    """Whether outputs are still on their host."""
    return leavings is not None and any(
        one.state is Collected.OWED for one in leavings.collections
    )


def told_of(live: Live, changes: list[Change]) -> Sequence[Draft]:
    """The events of outputs that were brought before the end; the job notes what it lacks."""
    if live.gathered is None:
        return ()
    [one] = live.gathered.collections
    last, note = changes[-1], missing_note(one)
    if note and not last.now.note and last.now.ended_at is not None:
        changes[-1] = replace(last, now=structs.replace(last.now, note=note))
    return [kept_event(live.job, one, live.gathered.artifacts)]


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


def kept_event(job: Job | None, one: Collection, artifacts: Sequence[Artifact]) -> Draft:
    """The event that tells what became of an attempt's outputs."""
    is_kept = one.state is Collected.KEPT
    return Draft(
        type=EventType.ARTIFACTS_KEPT if is_kept else EventType.ARTIFACTS_LOST,
        job=one.job,
        attempt=one.attempt,
        worker=one.worker,
        tenant=job.spec.tenant if job else None,
        cause=_cause(one, len(artifacts)),
        data={
            "number": len(artifacts),
            "bytes": sum(each.size for each in artifacts),
            "missing": list(one.missing),
        },
    )


def _cause(one: Collection, number: int) -> str:
    if one.state is not Collected.KEPT:
        return f"its outputs are lost: {one.note}"
    said = "1 artifact" if number == 1 else f"{number} artifacts"
    return f"{said}; {missing_text(one)}" if one.missing else said


def missing_text(one: Collection) -> str:
    """Which outputs there were none of."""
    return f"no file matched {', '.join(one.missing)}"


def missing_note(one: Collection) -> str:
    """What a job that has ended says of its outputs; empty if all is well."""
    if one.state is Collected.LOST:
        return "its outputs are lost"
    return missing_text(one) if one.missing else ""
