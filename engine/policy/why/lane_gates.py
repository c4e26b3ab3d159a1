"""Gates that are the same for all jobs of a lane, in order, and the last ones of all."""

from collections.abc import Callable, Sequence
from typing import Final

from engine.model.reasons import Gate, GateKind
from engine.policy.readiness import Case, queue_of
from engine.policy.why import remedies
from engine.policy.why.job_gates import because
from engine.policy.why.limit_gates import (
    array_gate,
    goal_gate,
    group_gate,
    limit_gate,
    pressure_gate,
    rate_gate,
)
from engine.policy.why.quota_gate import quota_gate
from engine.policy.why.room_gates import (
    fit_gate,
    reserved_gate,
    unsatisfiable_gate,
    worker_gate,
)


def paused_gate(case: Case) -> Gate:
    """Closed while the queue is paused."""
    queue = queue_of(case.job.now.queue, case.snapshot)
    if queue.paused_by is None:
        text = f"queue `{queue.name}` is not paused"
        return Gate(kind=GateKind.QUEUE_PAUSED, ok=True, text=text)
    return remedies.shut(
        GateKind.QUEUE_PAUSED,
        because(f"queue `{queue.name}` is paused by {queue.paused_by}", queue.paused_why),
        facts={"queue": queue.name, "by": queue.paused_by, "since_at": queue.paused_at},
        remedy=remedies.resume(queue.name),
    )


def daemon_gate(case: Case) -> Gate:
    """Closed while the engine starts nothing at all."""
    if case.snapshot.granting:
        return Gate(kind=GateKind.DAEMON, ok=True, text="the engine is granting")
    return remedies.shut(
        GateKind.DAEMON,
        because("the engine is not granting", case.snapshot.not_granting_why),
        facts={"why": case.snapshot.not_granting_why},
        look=remedies.DOCTOR,
    )


def turn_gate(*, is_next: bool) -> Gate:
    """Closed for a job with nothing else in its way: it starts with the next round."""
    text = "nothing is in its way: it starts with the next round"
    return Gate(kind=GateKind.TURN, ok=not is_next, text=text if is_next else "not asked yet")


SHARED: Final[Sequence[Callable[[Case], Gate]]] = (
    paused_gate,
    limit_gate,
    rate_gate,
    pressure_gate,
    quota_gate,
    array_gate,
    group_gate,
    goal_gate,
    unsatisfiable_gate,
    worker_gate,
    fit_gate,
    reserved_gate,
)
"""In the order of GateKind. The lock of a goal alone depends on the job as well."""


def first_closed(case: Case) -> Gate | None:
    """The first gate of the job's lane that is closed; None if all are open."""
    gates = (look(case) for look in SHARED)
    return next((gate for gate in gates if not gate.ok), None)
