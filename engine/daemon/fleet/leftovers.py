"""Leftovers: what lies in a spool although the last daemon should have cleaned it up."""

import logging
from collections.abc import Sequence

from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.errors import BackendError, InvalidSpec, UnusableState
from engine.ledger.attempts.reports import has_ended
from engine.ledger.attempts.strays import put_down
from engine.loops.observe import Tidy
from engine.model.ids import MAX_ID, AttemptId, Epoch, JobId
from engine.model.keeping import Collected
from engine.model.states import Phase
from engine.store.protocol import Store

log = logging.getLogger(__name__)

NAMED = 5
"""Attempts that a warning names at most."""


async def settle_spool(
    backend: Backend,
    store: Store,
    warnings: dict[str, tuple[str, ...]],
    tidy: Tidy,
    *,
    epoch: Epoch,
    clock: Clock,
    unheard: set[AttemptId],
) -> None:
    """Clean up what a cut or the last daemon's end left, and tell of what nobody knows.

    What the database does not know is not touched: it may be of one that was put aside, and
    its logs may be wanted.

    Args:
        backend: Drives the host.
        store: Knows which attempts have ended.
        warnings: By worker; one is added for what nobody knows.
        tidy: Cleans up.
        epoch: Ours.
        clock: Paces the putting down of what still runs although for us it has ended.
        unheard: What ended for us without a word of this host; emptied once none can start.
    """
    try:
        found = await backend.foreign()
    except (BackendError, InvalidSpec, UnusableState) as error:
        log.warning("the spool of %s was not looked through: %s", tidy.worker, error)
        return
    phases = {report.attempt: await _phase(store, report.attempt) for report in found}
    over = [report.attempt for report in found if has_ended(report)]
    done = [attempt for attempt in over if phases[attempt] is Phase.ENDED]
    tidy.add_ended([attempt for attempt in done if not await _is_owed(store, attempt)])
    ended = [attempt for attempt, phase in phases.items() if phase is Phase.ENDED]
    strays = sorted({*ended, *unheard} - set(over))
    if await _put_down(backend, strays, tidy, epoch, clock):
        unheard.difference_update((*strays, *over))
    unknown = [attempt for attempt, phase in phases.items() if phase is None]
    if unknown:
        warning = _warning(unknown)
        log.warning("%s: %s", tidy.worker, warning)
        warnings[tidy.worker] = (*warnings.get(tidy.worker, ()), warning)


async def _put_down(
    backend: Backend, strays: Sequence[AttemptId], tidy: Tidy, epoch: Epoch, clock: Clock
) -> bool:
    """End attempts that were given up while their host was out of sight; whether all have."""
    if not strays:
        return True
    log.warning("%s is not to go on with %s", tidy.worker, ", ".join(strays[:NAMED]))
    try:
        await put_down(backend, strays, epoch, clock)
    except BackendError as error:
        log.warning("%s: they are put down when it answers: %s", tidy.worker, error)
        return False
    tidy.add_ended(strays)
    return True


async def _is_owed(store: Store, attempt: AttemptId) -> bool:
    """Whether its outputs are still to be brought from its host."""
    outputs = await store.collection(attempt)
    return outputs is not None and outputs.state is Collected.OWED


async def _phase(store: Store, attempt: AttemptId) -> Phase | None:
    """Where an attempt stands in the database; None if it is not known there."""
    job = attempt.partition("-")[0]
    if not (job.isascii() and job.isdigit() and int(job) <= MAX_ID):
        return None
    known = await store.attempts(JobId(int(job)))
    return next((one.phase for one in known if one.id == attempt), None)


def _warning(attempts: Sequence[AttemptId]) -> str:
    names = ", ".join(attempts[:NAMED]) + (", …" if len(attempts) > NAMED else "")
    count = "1 attempt" if len(attempts) == 1 else f"{len(attempts)} attempts"
    verb = "is" if len(attempts) == 1 else "are"
    return f"{count} in the spool {verb} unknown to the database: {names}"
