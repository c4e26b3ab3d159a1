"""What must be true before a job can start: yes or no, for the scheduler and for the gates.

Each question is asked in one place. `job_gates` and `lane_gates` put the same answers into
words and numbers, so that an explanation cannot disagree with a decision.
"""

from dataclasses import dataclass

from engine.model.job import Job, Shape
from engine.model.snapshot import Snapshot
from engine.model.states import State
from engine.model.worker import Queue
from engine.policy.timeouts import is_past_deadline


@dataclass(frozen=True, slots=True)
class Case:
    """A job before its gates."""

    job: Job
    shape: Shape
    snapshot: Snapshot


def is_grantable(job: Job, now_at: int) -> bool:
    """Whether nothing about the job itself is in its way."""
    now = job.now
    return (
        now.state is State.QUEUED
        and now.attempt is None
        and now.held_by is None
        and now.cancel_at is None
        and not is_past_deadline(job, now_at)
    )


def queue_of(name: str, snapshot: Snapshot) -> Queue:
    """The queue of this name; one that nobody has configured has no limit."""
    return snapshot.queues.get(name) or Queue(name=name)


def queue_has_room(name: str, snapshot: Snapshot) -> bool:
    """Whether the queue is below its limit."""
    limit = queue_of(name, snapshot).limit
    return limit is None or snapshot.running_in_queue.get(name, 0) < limit


def group_has_room(shape: Shape, snapshot: Snapshot) -> bool:
    """Whether the job's concurrency group is below its limit; true if it has none."""
    if shape.group is None:
        return True
    return snapshot.running_in_group.get(shape.group, 0) < shape.group_limit


def lane_is_open(queue: str, shape: Shape, snapshot: Snapshot) -> bool:
    """Whether queue and group let one more start; room on workers is another question."""
    return (
        queue_of(queue, snapshot).paused_by is None
        and queue_has_room(queue, snapshot)
        and group_has_room(shape, snapshot)
    )
