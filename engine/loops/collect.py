"""Collect: read what attempts left on their hosts, before their ends count."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from engine.backends.protocol import RESULT_BYTES, Backend, CacheUse, Chunk, Report
from engine.clock import Clock
from engine.errors import (
    BackendError,
    EngineError,
    InvalidSpec,
    LinkRefused,
    StaleEpoch,
    StoreError,
    UnusableState,
)
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.attempts.uncollected import Pile
from engine.ledger.setbacks import Setbacks
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.runner.records import parse
from engine.store.keeping import Leavings

log = logging.getLogger(__name__)

AGAIN_S = 0.5
AGAIN_MOST_S = 5.0

TRIES = 3
"""An end at which this daemon itself breaks so often counts without what it left."""

Early = Callable[[AttemptId, Job], Awaitable[Leavings | None]]
"""Brings the outputs of an attempt; None if they come later."""

Recheck = Callable[[Job], Awaitable[None]]
"""Has the result of a job not be reused if what it ran on has changed meanwhile."""

_NOTHING = Chunk(data=b"", offset=0, size=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """Reads for one worker."""

    backend: Backend
    worker: str
    attempts: Attempts
    clock: Clock
    early: Early
    recheck: Recheck
    setbacks: Setbacks
    begun: set[AttemptId] = field(default_factory=set)

    async def run(self) -> None:
        """Read, for ever: an end waits for what belongs to it.

        A host that does not answer is asked again. Should it never be seen again, the attempt
        is given up or declared dead, as any other of which no end is known.
        """
        pile = self.attempts.uncollected.pile(self.worker)
        self.begun.clear()
        async with asyncio.TaskGroup() as readings:
            while True:
                for attempt in pile.reports.keys() - self.begun:
                    self.begun.add(attempt)
                    readings.create_task(self._collect(pile, attempt))
                await pile.wake.wait()

    async def _collect(self, pile: Pile, attempt: AttemptId) -> None:
        """Have an end count once all that belongs to it was read, unless it counts already."""
        again_s, broke = AGAIN_S, 0
        while self.attempts.is_open(attempt):
            work = self._read_all(*pile.reports[attempt])
            try:
                await self.setbacks.contain(f"the end of {attempt}", work)
                break
            except StaleEpoch:
                raise
            except (BackendError, UnusableState, StoreError):
                pass
            except EngineError as error:  # a bug of ours: the end itself is known
                broke += 1
                if broke >= TRIES:
                    log.error("%s ends without what it left: %s", attempt, error.message)
                    self.attempts.heard(replace(pile.reports[attempt][0], collected=True))
                    break
            await self.clock.sleep(again_s)
            again_s = min(2 * again_s, AGAIN_MOST_S)
        del pile.reports[attempt]
        self.begun.discard(attempt)

    async def _read_all(self, report: Report, job: Job) -> None:
        """Have an end count. Raises: EngineError: it does not yet."""
        try:
            collected = await _with_leavings(self.backend, report, job.spec)
            if report.code == 0:
                await self.recheck(job)
        except OSError as error:
            raise StoreError(str(error)) from error
        if job.spec.outputs and (outputs := await self.early(report.attempt, job)):
            self.attempts.gathered(report.attempt, outputs)
        self.attempts.heard(collected)


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
