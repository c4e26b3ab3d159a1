"""Why a job waited at a past moment: what it and the log said then, for gates are not kept."""

from collections.abc import Sequence
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.reasons import Gate, GateKind
from engine.model.states import FINAL, State
from engine.store.moments import Past

_KINDS: Final = frozenset(kind.value for kind in GateKind)

UNKNOWN: Final = "it was queued; what it waited for then is not kept"


async def past_gate(past: Past, job: Job) -> Gate:
    """The one gate that can be told of a job as it was."""
    kind, text = _of_state(job)
    if kind is GateKind.TURN:
        return await _queued(past, job)
    note = "" if kind is GateKind.STATE else job.now.note
    text = f"{text}: {note}" if note else text
    return Gate(kind=kind, ok=False, text=text, next_change_at=job.now.wake_at)


async def _queued(past: Past, job: Job) -> Gate:
    """By what was last said of it, or of its queue."""
    said = await past.blocked(job.id, job.now.queue)
    if said is None:
        return Gate(kind=GateKind.TURN, ok=False, text=job.now.note or UNKNOWN)
    whose = "" if said.job == job.id else f" of #{said.job}, of its queue"
    kind = GateKind(said.gate) if said.gate in _KINDS else GateKind.TURN
    text = f"last said{whose}: {said.why}"
    return Gate(kind=kind, ok=False, text=text)


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
