"""Why a job waited at a past moment: what it and the log said then, for gates are not kept."""

from collections.abc import Sequence
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.reasons import Gate, GateKind
from engine.model.states import FINAL, State
from engine.store.moments import Past

UNKNOWN: Final = "it was queued; what it waited for then is not kept"


async def past_gate(past: Past, job: Job) -> Gate:
    """The one gate that can be told of a job as it was."""
    kind, text = _of_state(job)
    if kind is not GateKind.STATE:
        said = job.now.note or await past.blocked(job.id)
        text = f"{text}: {said}" if said and kind is not GateKind.TURN else said or text
    return Gate(kind=kind, ok=False, text=text, next_change_at=job.now.wake_at)


def _of_state(job: Job) -> tuple[GateKind, str]:
    now = job.now
    if now.state is State.RUNNING or now.state in FINAL:
        return GateKind.STATE, f"it was {now.state.value}"
    if now.held_by is not None:
        why = f": {now.held_why}" if now.held_why else ""
        return GateKind.HOLD, f"held by {now.held_by}{why}"
    if now.cancel_at is not None:
        return GateKind.CANCEL, f"{now.cancel_by or 'somebody'} was canceling it"
    if now.unmet:
        return GateKind.DEPENDENCIES, f"{now.unmet} of its dependencies had not succeeded"
    if now.state is State.RETRYING:
        return GateKind.BACKOFF, "it waited to be tried again"
    if now.state is State.PENDING:
        return GateKind.SCHEDULE, "its start time had not come"
    return GateKind.TURN, UNKNOWN


async def past_gates(past: Past, firsts: Sequence[JobId]) -> dict[JobId, Gate]:
    """The same of several jobs."""
    return {job.id: await past_gate(past, job) for job in await past.jobs(firsts)}
