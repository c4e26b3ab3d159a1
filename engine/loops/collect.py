"""Collect: read what attempts left on their hosts, before their ends count."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from engine.backends.protocol import RESULT_BYTES, Backend, CacheUse, Chunk, Report
from engine.clock import Clock
from engine.errors import (
    BackendError,
    InvalidSpec,
    LinkRefused,
    StaleEpoch,
    StoreError,
    UnusableState,
)
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.attempts.uncollected import Pile
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.runner.records import parse
from engine.store.keeping import Leavings

AGAIN_S = 0.5
AGAIN_MOST_S = 5.0

Early = Callable[[AttemptId, Job], Awaitable[Leavings | None]]
"""Brings the outputs of an attempt; None if they come later."""

Recheck = Callable[[Job], Awaitable[None]]
"""Has the result of a job not be reused if what it ran on has changed meanwhile."""

_NOTHING = Chunk(data=b"", offset=0, size=0)


async def collect(
    backend: Backend,
    worker: str,
    attempts: Attempts,
    clock: Clock,
    early: Early,
    recheck: Recheck,
) -> None:
    """Read for one worker, for ever: an end waits for what belongs to it.

    A host that does not answer is asked again. Should it never be seen again, the attempt is
    given up or declared dead, as any other of which no end is known.
    """
    pile = attempts.uncollected.pile(worker)
    begun: set[AttemptId] = set()
    async with asyncio.TaskGroup() as readings:
        while True:
            for attempt in pile.reports.keys() - begun:
                begun.add(attempt)
                readings.create_task(
                    _collect(backend, attempts, clock, early, recheck, pile, attempt, begun)
                )
            await pile.wake.wait()


async def _collect(
    backend: Backend,
    attempts: Attempts,
    clock: Clock,
    early: Early,
    recheck: Recheck,
    pile: Pile,
    attempt: AttemptId,
    begun: set[AttemptId],
) -> None:
    """Have an end count once all that belongs to it was read, unless it counts already."""
    again_s = AGAIN_S
    while attempts.is_open(attempt):
        try:
            report, job = pile.reports[attempt]
            collected = await _with_leavings(backend, report, job.spec)
            if report.code == 0:
                await recheck(job)
        except StaleEpoch:
            raise
        except (BackendError, UnusableState, StoreError, OSError):
            await clock.sleep(again_s)
            again_s = min(2 * again_s, AGAIN_MOST_S)
        else:
            if job.spec.outputs and (outputs := await early(attempt, job)):
                attempts.gathered(attempt, outputs)
            attempts.heard(collected)
            break
    del pile.reports[attempt]
    begun.discard(attempt)


async def _with_leavings(backend: Backend, report: Report, spec: JobSpec) -> Report:
    """The report with what the attempt left, as far as it can be read.

    Raises:
        BackendError: its host does not answer now.
    """
    read = replace(report, collected=True)
    if spec.wants_result:
        piece = await _read(backend, report.attempt, "result")
        data = piece.data if 0 < piece.size == len(piece.data) else None
        read = replace(read, result=data, result_size=piece.size)
    if spec.caches:
        notes = await _read(backend, report.attempt, "notes")
        read = replace(read, caches=cache_uses(notes.data))
    return read


async def _read(backend: Backend, attempt: AttemptId, stream: str) -> Chunk:
    try:
        return await backend.tail(attempt, stream, 0, RESULT_BYTES)
    except InvalidSpec:  # its host knows no such thing
        return _NOTHING
    except LinkRefused as refusal:
        if "denied" in refusal.details:  # our key may not read there, now or later
            return _NOTHING
        raise


def cache_uses(notes: bytes) -> tuple[CacheUse, ...]:
    """What the notes of an attempt say of its caches; all else in them is skipped."""
    uses: dict[str, CacheUse] = {}
    for record in parse(notes):
        match record:
            case ["cache", name, found, ms, kb] if ms.isdecimal() and kb.isdecimal():
                is_hit, size = found.startswith("hit:"), int(kb) * 1024
                uses[name] = CacheUse(
                    name=name, is_hit=is_hit, restore_ms=int(ms), size_bytes=size
                )
            case ["stored", name, ms, kb] if ms.isdecimal() and kb.isdecimal():
                if name in uses:
                    stored = replace(uses[name], store_ms=int(ms), size_bytes=int(kb) * 1024)
                    uses[name] = stored
    return tuple(uses.values())
