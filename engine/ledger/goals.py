"""Goals: which live jobs have the lock of each, the one that took it first."""

from collections.abc import Sequence

from engine.model.ids import JobId
from engine.model.job import Job


class Goals:
    """Taken at the first grant, kept through retries, given back when the job ends."""

    def __init__(self) -> None:
        self.holders: dict[str, Sequence[JobId]] = {}
        self._of: dict[JobId, str] = {}

    def take(self, job: Job) -> None:
        """The job has the lock of its goal, if it names one; it may have had it before."""
        goal = job.spec.constraints.goal
        if goal is not None and self._of.setdefault(job.id, goal) == goal:
            had = self.holders.get(goal, ())
            self.holders[goal] = had if job.id in had else (*had, job.id)

    def give_back(self, job: Job) -> None:
        """The job has no longer what it took, whatever goal it names by now."""
        goal = self._of.pop(job.id, None)
        if goal is None:
            return
        left = tuple(one for one in self.holders[goal] if one != job.id)
        if left:
            self.holders[goal] = left
        else:
            del self.holders[goal]
