"""The events that tell what was decided of a submission, and why."""

from collections.abc import Collection, Iterable

from engine.errors import Refused
from engine.ledger.rows.tally import Tally
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.worker import Queue
from engine.model.workflow import Flow
from engine.policy.entry.arrivals import Arrivals
from engine.store.protocol import Draft, NewJob

ADMITTED = "admitted"


def submitted(new: NewJob, user: str) -> Draft:
    """A job has come in."""
    return Draft(
        type=EventType.JOB_SUBMITTED,
        job=new.id,
        tenant=new.spec.tenant,
        actor=user,
        data={
            "queue": new.now.queue,
            "priority": new.now.priority.label,
            "decision": ADMITTED,
        },
    )


def workflow_created(flow: Flow, tasks: int, user: str) -> Draft:
    """A run of a workflow has come in."""
    return Draft(
        type=EventType.WORKFLOW_CREATED,
        job=flow.id,
        actor=user,
        data={"name": flow.name, "run": flow.run, "jobs": tasks, "params": flow.params},
    )


def many_submitted(tally: Tally, first: JobId, last: JobId, user: str) -> Draft:
    """A bulk submission has come in."""
    return Draft(
        type=EventType.JOBS_SUBMITTED,
        actor=user,
        data={
            "first": first,
            "last": last,
            "count": last - first + 1,
            "queues": sorted(tally.queues),
            "came": {name: many for name, many in tally.arrivals.by_queue().items() if name},
            "decision": ADMITTED,
        },
    )


def queue_created(queue: Queue, user: str) -> Draft:
    """A queue has come into being because somebody submitted to it."""
    return Draft(type=EventType.QUEUE_CREATED, actor=user, data={"queue": queue.name})


def queues_to_make(names: Iterable[str], stored: Collection[str]) -> list[Queue]:
    """Queues that come into being because somebody submits to them, by name."""
    return [Queue(name=name) for name in sorted(set(names).difference(stored))]


def rejected(refused: Refused, arrivals: Arrivals, count: int | None, user: str) -> Draft:
    """A submission was not let in: there is no job, and this is all that is left of it.

    Args:
        refused: Why.
        arrivals: What is known of its jobs; nothing, if they could not be read.
        count: How many they were; None if that could not be read either.
        user: Who sent them.
    """
    tenant = _only(tenant for tenant, _ in arrivals.of)
    queue = _only(queue for queue, _ in arrivals.queues)
    retry = {} if refused.retry_after_s is None else {"retry_after_s": refused.retry_after_s}
    return Draft(
        type=EventType.JOB_REJECTED,
        tenant=tenant,
        actor=user,
        cause=refused.message,
        data={
            **({"queue": queue} if queue is not None else {}),
            **({"count": count} if count is not None else {}),
            "decision": "rejected",
            "code": refused.code,
            "reason": refused.message,
            **({"field": refused.field} if refused.field is not None else {}),
            **retry,
        },
    )


def _only(names: Iterable[str]) -> str | None:
    """The one name that all have; None if there are more, or none."""
    different = set(names)
    return different.pop() if len(different) == 1 else None
