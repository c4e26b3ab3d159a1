"""Deciding: from what becomes of jobs to the unit that writes it down."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from typing import Protocol

from msgspec.structs import replace

from engine.errors import EngineError, Refused
from engine.ledger.memory.live import Live, LiveAttempts
from engine.ledger.writes import Receipt, Write
from engine.model.events import EventType
from engine.model.ids import Epoch
from engine.model.job import Job
from engine.model.states import Phase, step
from engine.model.worker import Queue
from engine.policy.jobs.change import Change
from engine.store.protocol import AttemptMove, Draft, JobEdit, JobMove, Unit


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that could not be done to a job."""

    job: Job
    error: EngineError


Decide = Callable[[Job], Change | None]
"""Looks at a job as it is and says what becomes of it; None: nothing. Raises Refused."""

Done = tuple[Job, Job] | Refusal
"""A job before and after, twice the same if there was nothing to do; or why not."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A job as it was when something was decided about it, and what."""

    job: Job
    live: Live | None
    change: Change


class Closing(Protocol):
    """What is told of an act in the one unit that carries it out."""

    def drafts(self, found: Sequence[Decided | Done], own: int) -> Sequence[Draft]:
        """The events to add, after `own` others; `found` is what was decided."""
        ...

    def done(self, receipt: Receipt) -> None:
        """They are on disk."""
        ...


@dataclass(slots=True)
class Chunk:
    """One decision about some jobs, in one unit: all of what it changes, or nothing."""

    jobs: Sequence[Job]
    """As last seen."""
    decide: Decide
    actor: str
    closing: Closing | None = None
    found: Sequence[Decided | Done] = ()
    """What was decided about each when the unit was made."""

    def build(self, live: LiveAttempts, epoch: Epoch, queues: Collection[str]) -> Write | None:
        """The unit, from the newest images; None if there is nothing to write."""
        self.found = [self._decided(job, live.by_job.get(job.id)) for job in self.jobs]
        decided = [one for one in self.found if isinstance(one, Decided)]
        if not decided:
            return None
        write = written(decided, epoch, self.actor, queues)
        if self.closing is None:
            return write
        events = write.unit.events
        last = self.closing.drafts(self.found, len(events))
        return Write(dataclass_replace(write.unit, events=[*events, *last]), write.jobs)

    def answers(self, receipt: Receipt | None) -> list[Done]:
        """What became of each job, in order, once the unit is on disk."""
        moved = iter(receipt.jobs if receipt else ())
        return [
            (one.job, next(moved)) if isinstance(one, Decided) else one for one in self.found
        ]

    def _decided(self, job: Job, live: Live | None) -> Decided | Done:
        job = live.job if live is not None else job
        try:
            change = self.decide(job)
        except Refused as refusal:
            return Refusal(job, refusal)
        return (job, job) if change is None else Decided(job, live, change)


def written(
    decided: Sequence[Decided], epoch: Epoch, actor: str, queues: Collection[str]
) -> Write:
    """All of these decisions in one unit, each with its event.

    A queue that is not among `queues` comes into being with the first job moved to it.
    """
    new = sorted({one.change.now.queue for one in decided}.difference(queues))
    unit = Unit(
        epoch=epoch,
        moves=[job_move(one.job, one.change) for one in decided],
        queues=[(0, Queue(name=name)) for name in new],
        edits=[edit for one in decided for edit in _edits(one.job, one.change)],
        attempt_moves=[
            move
            for one in decided
            if one.live is not None and one.change.now.stopping
            for move in _stopping(one.live)
        ],
        events=[
            *(_queue_created(name, actor) for name in new),
            *(draft(one.job, one.change, actor=actor, **one.change.data) for one in decided),
        ],
    )
    return Write(unit, {one.job.id: one.job for one in decided})


def _queue_created(name: str, actor: str) -> Draft:
    return Draft(type=EventType.QUEUE_CREATED, actor=actor, data={"queue": name})


def _stopping(live: Live) -> Sequence[AttemptMove]:
    """What telling a job to end does to its open attempt."""
    attempt = live.attempt
    if attempt.phase is Phase.STOPPING:
        return ()
    now = replace(attempt, phase=step(attempt.phase, Phase.STOPPING))
    return [AttemptMove(was_phase=attempt.phase, was_epoch=attempt.epoch, now=now)]


def _edits(job: Job, change: Change) -> Sequence[JobEdit]:
    """The other spec of a change, if it has one."""
    if change.spec is None:
        return ()
    return [JobEdit(id=job.id, spec=change.spec, shape=change.shape)]


def job_move(job: Job, change: Change) -> JobMove:
    """The compare-and-set that a change comes to."""
    return JobMove(id=job.id, was=job.now, now=change.now, spec=job.spec)


def draft(job: Job, change: Change, *, actor: str = "engine", **data: object) -> Draft:
    """The event that tells of a change."""
    return Draft(
        type=change.event,
        job=job.id,
        attempt=job.now.attempt or change.now.attempt,
        worker=change.now.worker or job.now.worker,
        tenant=job.spec.tenant,
        actor=actor,
        cause=change.cause,
        data=data,
    )
