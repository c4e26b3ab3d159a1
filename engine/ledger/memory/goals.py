"""Goals: which live jobs have the lock of each, the one that took it first."""

from collections.abc import Sequence

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority


class Goals:
    """Taken at the first grant, kept through retries, given back when the job ends."""

    def __init__(self) -> None:
        self.holders: dict[str, Sequence[JobId]] = {}
        self.priorities: dict[JobId, Priority] = {}
        """Of every holder, those that run nothing just now included."""
        self._of: dict[JobId, str] = {}

    def take(self, job: Job) -> None:
        """The job has the lock of its goal, if it names one; it may have had it before."""
        goal = job.spec.constraints.goal
        if goal is not None and self._of.setdefault(job.id, goal) == goal:
            had = self.holders.get(goal, ())
            self.holders[goal] = had if job.id in had else (*had, job.id)
            self.renew(job)

    def has(self, job: Job) -> bool:
        """Whether the job has the lock of the goal that it names."""
        goal = job.spec.constraints.goal
        return goal is not None and job.id in self.holders.get(goal, ())

    def renew(self, job: Job) -> None:
        """The job may have another priority by now; nothing if it has no lock."""
        if job.id in self._of:
            self.priorities[job.id] = job.now.priority

    def give_back(self, job: Job) -> None:
        """The job has no longer what it took, whatever goal it names by now."""
        goal = self._of.pop(job.id, None)
        if goal is None:
            return
        self.priorities.pop(job.id, None)
        left = tuple(one for one in self.holders[goal] if one != job.id)
        if left:
            self.holders[goal] = left
        else:
            del self.holders[goal]
