"""Leftovers: what lies in a spool although the last daemon should have cleaned it up."""

import logging
from collections.abc import Sequence

from engine.backends.protocol import Backend
from engine.daemon.desk import Desk
from engine.errors import BackendError, InvalidSpec
from engine.ledger.reports import has_ended
from engine.loops.observe import Tidy
from engine.model.ids import MAX_ID, AttemptId, JobId
from engine.model.states import Phase
from engine.store.protocol import Store

log = logging.getLogger(__name__)

NAMED = 5
"""Attempts that a warning names at most."""


async def settle_spool(backend: Backend, desk: Desk, tidy: Tidy) -> None:
    """Clean up what the last daemon's end cut short, and tell of what nobody knows.

    What the database does not know is not touched: it may be of one that was put aside, and
    its logs may be wanted.
    """
    try:
        found = await backend.foreign()
    except (BackendError, InvalidSpec) as error:
        log.warning("the spool of %s was not looked through: %s", tidy.worker, error)
        return
    phases = {report.attempt: await _phase(desk.store, report.attempt) for report in found}
    over = [report.attempt for report in found if has_ended(report)]
    tidy.add_ended([attempt for attempt in over if phases[attempt] is Phase.ENDED])
    unknown = [attempt for attempt, phase in phases.items() if phase is None]
    if unknown:
        warning = _warning(unknown)
        log.warning("%s: %s", tidy.worker, warning)
        desk.warnings[tidy.worker] = (*desk.warnings.get(tidy.worker, ()), warning)


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
