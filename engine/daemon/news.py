"""News: what every commit means for those who wait for something to happen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.writes import Receipt
from engine.loops.arrays import MemberNews
from engine.loops.flows import TaskNews
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.states import FINAL
from engine.policy.jobs.lifecycle import keeps_goal
from engine.timeline import Timeline
from engine.wake import Wake

if TYPE_CHECKING:
    from engine.daemon.desk import Desk

NOTHING_TO_GRANT = frozenset(
    {
        EventType.ATTEMPT_INTENT,
        EventType.JOB_STARTED,
        EventType.JOB_BLOCKED,
        EventType.JOB_RETRY,
        EventType.JOB_COMPLETED,  # the room that an end gives back knocks by itself
        EventType.JOB_FAILED,
        EventType.JOB_TIMEOUT,
        EventType.ATTEMPT_ADOPTED,
        EventType.ATTEMPT_STOPPING,
        EventType.JOB_HELD,
        EventType.ATTEMPT_LOG_TRIMMED,
        EventType.JOB_AGED,  # what a round itself tells
        EventType.JOB_STARVING,
        EventType.JOB_RESERVED,
        EventType.JOB_UNRESERVED,
        EventType.JOB_DISPLACED,
        EventType.INVERSION_BEGAN,
        EventType.INVERSION_ENDED,
        EventType.OPERATOR_ACTED,  # what it changed has events of its own
    }
)
"""Events after which nothing can start that could not start before."""


class News:
    """Told of every commit by the writer; wakes whom it concerns."""

    def __init__(self, timeline: Timeline, working_set: WorkingSet) -> None:
        self._timeline = timeline
        self._set = working_set
        self.dispatch = Wake()
        self.promote = Wake()
        self.members = MemberNews()
        self.tasks = TaskNews()
        self.desk: Desk | None = None

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Publish the events; wake the loops that may have something to do."""
        self._tell_modes(receipts)
        has_pending = self._set.counters.in_state("pending") > 0
        self._timeline.publish([event for receipt in receipts for event in receipt.events])
        for receipt in receipts:
            self.members.hear(receipt.jobs)
            if self.desk is not None:
                self.desk.crons.hear(receipt.jobs)
                self.desk.hooks.hear(receipt)
            self.tasks.hear(receipt.jobs)
            if self._lets_start(receipt) or self._set.flights.has_freed:
                self.dispatch.knock()
            if any(_has_a_clock(job, has_pending=has_pending) for job in receipt.jobs):
                self.promote.knock()
            if any(event.type is EventType.JOBS_SUBMITTED for event in receipt.events):
                self.promote.knock()

    def rules_changed(self) -> None:
        """Other rules are in effect: all that goes by them looks again."""
        self._tell_modes(())
        self.dispatch.knock()
        self.promote.knock()

    def _tell_modes(self, receipts: Sequence[Receipt]) -> None:
        """Backpressure follows every commit; another mode is news for dispatch too."""
        if self.desk is None:  # nothing was committed yet, and there is nobody to write it
            return
        if changes := self._set.backlog.turn(receipts):
            self.dispatch.knock()
            self.desk.ledger.tell(*changes, modes=self._set.backlog.modes)

    def _lets_start(self, receipt: Receipt) -> bool:
        """Whether a job may be able to start that was not before."""
        return any(event.type not in NOTHING_TO_GRANT for event in receipt.events) or any(
            map(self._gives_back, receipt.jobs)
        )

    def _gives_back(self, job: Job) -> bool:
        """Whether it has given something back with this commit, and not with its room.

        That is the lock of a goal; and of a member of an array that stops after some
        failures, its room too.
        """
        has_goal = job.spec.constraints.goal is not None and not keeps_goal(job.now)
        return has_goal or self._set.failing.counts(job)

    def trouble(self, text: str) -> None:
        """The database does not work, or works again: no grants meanwhile."""
        self._set.granting = not text
        self._set.not_granting_why = text
        if self.desk is not None:
            self.desk.trouble = text
        self.dispatch.knock()


def _has_a_clock(job: Job, *, has_pending: bool) -> bool:
    """Whether time or a dependency may do something to this job, or it to others."""
    now = job.now
    return (
        now.wake_at is not None
        or now.cancel_at is not None
        or now.unmet > 0
        or job.spec.constraints.deadline_at is not None
        or (now.state in FINAL and (has_pending or job.spec.flow is not None))
    )
