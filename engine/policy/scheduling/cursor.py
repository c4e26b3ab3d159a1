"""A lane in a round: how far it has been granted, and how its head has waited."""

from collections.abc import Callable

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import Lane, Passed
from engine.policy.readiness import Question


class Cursor:
    """A lane, how many of its jobs have been granted in this round, and how it has waited."""

    __slots__ = (
        "_is_grantable",
        "_next",
        "_passed",
        "blocked",
        "blocked_from",
        "candidate",
        "is_asked",
        "is_locked",
        "is_runnable",
        "is_starving",
        "lane",
        "path",
        "questions",
        "risen",
        "since",
    )

    def __init__(self, lane: Lane, is_grantable: Callable[[Job], bool]) -> None:
        self.lane = lane
        key = lane.key
        self.path: tuple[str, Priority, str] = (key.queue, key.priority, key.tenant)
        """Where it contends: queue, class in effect, tenant."""
        self.risen = key.priority
        """The class to which the candidate has risen by waiting."""
        self.questions: tuple[Question, ...] = ()
        """Those that could be answered no for this lane, as the rules stand."""
        self.since = 0
        """Grants when the candidate could first have run."""
        self.blocked = 0
        """Grants that went past the candidate in earlier rounds because it did not fit."""
        self.blocked_from: int | None = None
        """Grants when it was found in this round not to fit."""
        self.is_runnable = False
        """When the round began, the candidate passed every gate but that of room."""
        self.is_starving = False
        self.is_asked = False
        """Whether it was out of turn in this round already."""
        self.is_locked = False
        """Whether others have the lock that all of its jobs need: nobody behind the window
        has it, and for the rest of the round nobody gets it."""
        self._is_grantable = is_grantable
        self._next = 0
        self._passed: Job | None = None
        self.candidate: Job | None = None
        """The next job that could be granted; None at the end of the window."""
        self._pass_ungrantable()

    @property
    def head(self) -> Job | None:
        """The first job that was not granted."""
        return self._passed or self.candidate

    @property
    def place(self) -> int:
        """The sequence number by which the lane is in line; that of its last job at its end."""
        job = self.candidate
        if job is not None:
            return job.id
        return self.lane.jobs[-1].id if self.lane.jobs else 0

    @property
    def is_done(self) -> bool:
        """Whether nobody of the lane can be next, here or behind the window."""
        return self.candidate is None and (self.is_locked or not self.lane.has_more)

    def waited(self, grants: int) -> Passed | None:
        """How the candidate has waited, after so many grants."""
        if self.candidate is None:
            return None
        blocked = self.blocked
        if self.blocked_from is not None:
            blocked += grants - self.blocked_from
        return Passed(self.candidate.id, self.since, self.risen, self.is_starving, blocked)

    def advance(self, grants: int) -> None:
        """The candidate was granted, as the last of so many."""
        self._next += 1
        self.since, self.blocked, self.blocked_from = grants, 0, None
        self.is_starving = self.is_asked = False
        self._pass_ungrantable()

    def skip(self) -> None:
        """The candidate may not have the lock of its goal; another of its lane may."""
        self.is_locked = True
        self._passed = self._passed or self.candidate
        self._next += 1
        self._pass_ungrantable()

    def _pass_ungrantable(self) -> None:
        jobs, place = self.lane.jobs, self._next
        while place < len(jobs) and not self._is_grantable(jobs[place]):
            self._passed = self._passed or jobs[place]
            place += 1
        self._next = place
        self.candidate = jobs[place] if place < len(jobs) else None
