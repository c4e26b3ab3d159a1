"""Strays: attempts that run on a host although for us they have ended; they are put down."""

from collections.abc import Sequence

from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.ledger.attempts.reports import has_ended
from engine.model.ids import AttemptId, Epoch

LOOK_AGAIN_S = 0.5


async def put_down(
    backend: Backend, attempts: Sequence[AttemptId], epoch: Epoch, clock: Clock
) -> None:
    """Have all of these killed, or never start; return once none of them lives.

    Raises:
        BackendError: the host does not answer; look for strays again when it does.
    """
    left = list(attempts)
    while left:
        reports = await backend.adopt(left)
        left = [report.attempt for report in reports if not has_ended(report)]
        for attempt in left:
            await backend.stop(attempt, epoch, 0, "KILL")
        if left:
            await clock.sleep(LOOK_AGAIN_S)
