"""What a round tells of a head that goes on waiting."""

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.snapshot import Reservation
from engine.policy.scheduling.decisions import Notice


def room_notice(kind: EventType, one: Reservation) -> Notice:
    """Room is kept for a head, or is kept no longer."""
    made = kind is EventType.JOB_RESERVED
    return Notice(
        kind,
        one.job,
        one.lane.tenant,
        f"room is kept for it on `{one.worker}`"
        if made
        else f"no room is kept for it on `{one.worker}` any more",
        {"worker": one.worker, "starts_at": one.starts_at},
    )


def starving_notice(job: JobId, tenant: str, passed: int, bound: int) -> Notice:
    """A head has been passed by as often as is allowed."""
    return Notice(
        EventType.JOB_STARVING,
        job,
        tenant,
        f"could run, and {passed} grants went past it: it is next",
        {"passed": passed, "bound": bound},
    )
