"""Observe: bring what backends report into the store, and keep logs under their caps."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from engine.backends.last_words import last_words, may_have_said_why
from engine.backends.protocol import Backend, Report
from engine.clock import Clock
from engine.errors import BackendError, UnusableState
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.ledger import Ledger
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.ids import AttemptId
from engine.model.spec import LogPolicy
from engine.store.protocol import Draft
from engine.wake import Wake

log = logging.getLogger(__name__)

LOOK_AT_LOGS_S = 5.0
LISTEN_AGAIN_S = 1.0
TIDY_AGAIN_S = 1.0
TIDY_AGAIN_MOST_S = 60.0


async def observe_ends(backend: Backend, attempts: Attempts, clock: Clock) -> None:
    """Hear of every end on one worker, for ever; what is missed, adoption finds."""
    while True:
        try:
            async with asyncio.TaskGroup() as looks:
                async for report in backend.ends():
                    if attempts.is_open(report.attempt) and may_have_said_why(report):
                        looks.create_task(_hear_why(backend, attempts, clock, report))
                    else:
                        attempts.heard(report)
        except* (BackendError, UnusableState) as errors:
            log.debug("no ends are heard of: %s", errors.exceptions[0])
            await clock.sleep(LISTEN_AGAIN_S)


async def _hear_why(backend: Backend, attempts: Attempts, clock: Clock, report: Report) -> None:
    """Hear of a failure with its last words, and without them whatever becomes of those."""
    said = ""
    try:
        said = await last_words(backend, report, clock)
    finally:
        attempts.heard(replace(report, said=said))


class Tidy:
    """Has hosts clean up after attempts whose outcome is on disk."""

    def __init__(
        self, backend: Backend, worker: str, clock: Clock, *, gather_s: float = 0.0
    ) -> None:
        """Prepare.

        Args:
            backend: Drives the host.
            worker: Its name.
            clock: Paces the work.
            gather_s: Ends within this time are cleaned up together: nobody waits for it.
        """
        self._backend = backend
        self.worker = worker
        self._clock = clock
        self._gather_s = gather_s
        self._ended: list[AttemptId] = []
        self._wake = Wake()

    def add(self, live: Live) -> None:
        """This attempt's end is on disk."""
        if live.attempt.worker == self.worker:
            self.add_ended([live.attempt.id])

    def add_ended(self, attempts: Sequence[AttemptId]) -> None:
        """The ends of these attempts, which this worker had, are on disk."""
        self._ended += attempts
        self._wake.knock()

    async def run(self) -> None:
        """Tidy what has come together, for ever; what does not work is tried again."""
        again_s = TIDY_AGAIN_S
        while True:
            if not self._ended:
                await self._wake.wait()
            if self._gather_s:
                await self._clock.sleep(self._gather_s)
            ended = tuple(self._ended)
            try:
                await self._backend.tidy(ended)
            except (BackendError, UnusableState, OSError) as error:
                log.warning("%s cannot clean up yet: %s", self.worker, error)
                await self._clock.sleep(again_s)
                again_s = min(2 * again_s, TIDY_AGAIN_MOST_S)
            else:
                del self._ended[: len(ended)]
                again_s = TIDY_AGAIN_S


async def watch_logs(
    backend: Backend, worker: str, working_set: WorkingSet, ledger: Ledger, clock: Clock
) -> None:
    """Drop the oldest bytes of logs over their caps, and say so once, for ever."""
    while True:
        await clock.sleep(LOOK_AT_LOGS_S)
        for live in _trimmed_by_us(working_set, worker):
            try:
                dropped = await backend.trim_logs(live.attempt.id, live.job.spec.log_cap_bytes)
            except (BackendError, UnusableState):
                break
            if dropped and not live.log_dropped_bytes:
                ledger.tell(_trimmed(live, dropped))
            live.log_dropped_bytes += dropped


def _trimmed_by_us(working_set: WorkingSet, worker: str) -> Sequence[Live]:
    return [
        live
        for live in working_set.live.by_attempt.values()
        if live.attempt.worker == worker and live.job.spec.log_policy is LogPolicy.TRIM
    ]


def _trimmed(live: Live, dropped: int) -> Draft:
    return Draft(
        type=EventType.ATTEMPT_LOG_TRIMMED,
        job=live.job.id,
        attempt=live.attempt.id,
        worker=live.attempt.worker,
        tenant=live.job.spec.tenant,
        cause="its log reached the cap; the oldest bytes went",
        data={"dropped_bytes": dropped, "cap_bytes": live.job.spec.log_cap_bytes},
    )
