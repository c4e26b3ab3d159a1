"""Collect: read what attempts left on their hosts, before their ends count."""

import asyncio
from dataclasses import replace

from engine.backends.protocol import RESULT_BYTES, Backend, Report
from engine.clock import Clock
from engine.errors import BackendError, InvalidSpec, LinkRefused, UnusableState
from engine.ledger.attempts import Attempts
from engine.ledger.uncollected import Pile
from engine.model.ids import AttemptId

AGAIN_S = 0.5
AGAIN_MOST_S = 5.0


async def collect(backend: Backend, worker: str, attempts: Attempts, clock: Clock) -> None:
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
                readings.create_task(_collect(backend, attempts, clock, pile, attempt, begun))
            await pile.wake.wait()


async def _collect(
    backend: Backend,
    attempts: Attempts,
    clock: Clock,
    pile: Pile,
    attempt: AttemptId,
    begun: set[AttemptId],
) -> None:
    """Have an end count once all that belongs to it was read, unless it counts already."""
    again_s = AGAIN_S
    while attempts.is_open(attempt):
        try:
            collected = await _with_result(backend, pile.reports[attempt])
        except (BackendError, UnusableState, OSError):
            await clock.sleep(again_s)
            again_s = min(2 * again_s, AGAIN_MOST_S)
        else:
            attempts.heard(collected)
            break
    del pile.reports[attempt]
    begun.discard(attempt)


async def _with_result(backend: Backend, report: Report) -> Report:
    """The report with its result, if it left one that can be read.

    Raises:
        BackendError: its host does not answer now.
    """
    read = replace(report, collected=True)
    try:
        piece = await backend.tail(report.attempt, "result", 0, RESULT_BYTES)
    except InvalidSpec:  # its host knows no such thing
        return read
    except LinkRefused as refusal:
        if "denied" in refusal.details:  # our key may not read there, now or later
            return read
        raise
    if not piece.size:
        return read
    is_whole = len(piece.data) == piece.size
    return replace(read, result=piece.data if is_whole else None, result_size=piece.size)
