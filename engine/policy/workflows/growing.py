"""A task that is there waits for more from now on."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from engine.errors import NotAllowed
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import Signal, State, advance
from engine.model.workflow import MET_BY, After, Edge
from engine.policy.jobs.change import Change

_WAITS: Final = frozenset({State.PENDING, State.QUEUED})


def waits_for_more(
    job: Job, edges: Sequence[Edge], known: Mapping[JobId, Job]
) -> Change | None:
    """The task with these edges, which include those that it had; None if it has them.

    Args:
        job: As it is.
        edges: All within its workflow.
        known: The tasks that are there; what it waits for besides is new.

    Raises:
        NotAllowed: it has started, has ended, or stands for jobs that are there.
    """
    now = job.now
    inside = [edge for edge in job.spec.constraints.edges if edge.on in known]
    if set(edges) == set(inside):
        return None
    if now.state not in _WAITS or now.attempt is not None:
        raise NotAllowed(
            f"#{job.id} {job.spec.task} {_standing(job)}: it cannot wait for anything more"
        )
    outside = max(0, now.unmet - sum(not _is_met(edge, known) for edge in inside))
    unmet = outside + sum(not _is_met(edge, known) for edge in edges)
    state: State = now.state
    if unmet and state is State.QUEUED:
        state = advance(state, Signal.POSTPONE)
    rules = job.spec.constraints
    others = [edge for edge in rules.edges if edge.on not in known]
    both = (*others, *edges)
    rules = replace(
        rules,
        depends_on=tuple(edge.on for edge in both if edge.after is After.SUCCESS),
        depends_otherwise=tuple(edge for edge in both if edge.after is not After.SUCCESS),
    )
    waits = replace(
        now,
        state=state,
        unmet=unmet,
        queued_at=now.queued_at if state is State.QUEUED else None,
    )
    spec = replace(job.spec, constraints=rules)
    cause = f"it waits for {len(edges)} tasks now"
    return Change(None, waits, EventType.JOB_EDITED, cause, spec=spec, shape=job.shape)


def _is_met(edge: Edge, known: Mapping[JobId, Job]) -> bool:
    on = known.get(edge.on)
    return on is not None and on.now.state in MET_BY[edge.after]


def _standing(job: Job) -> str:
    return "is starting" if job.now.attempt is not None else f"is {job.now.state}"
