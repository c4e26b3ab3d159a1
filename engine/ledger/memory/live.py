"""Attempts that are open: the newest known facts about each, and what is on disk of them."""

import asyncio
from dataclasses import dataclass, field

from engine.backends.protocol import Report
from engine.ledger.writes import Waiting
from engine.model.attempt import Attempt
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job, Shape
from engine.policy.scheduling.decisions import Start
from engine.policy.shapes import shape_of
from engine.store.keeping import Leavings


@dataclass(slots=True)
class Live:
    """One open attempt."""

    attempt: Attempt
    """As it is on disk."""
    job: Job
    """As it is on disk."""
    report: Report | None = None
    """What its host said last, on disk or not."""
    heard_at: int | None = None
    """When its process began, or its host first told that it runs."""
    ended_at: int | None = None
    """When it ended, as its host tells; None: it did not, or nobody knows."""
    waiting: Waiting | None = None
    """A unit about it that waits for the writer; it will carry whatever is newest then."""
    granted: Start | None = None
    """How it was granted, if by this daemon."""
    answered_s: float | None = None
    """When its host last answered for it, or a question to it was given up; monotonic.
    None: not since we are here."""
    proven_s: float | None = None
    """When its host last proved that it lives; monotonic."""
    is_asked: bool = False
    """A renewal of its host lease is under way; its host may work on it at any moment."""
    is_in_doubt: bool = False
    """The last renewal of its host lease was not answered."""
    evidence_at: int | None = None
    """When its host last proved that it knows of it, by our wall clock."""
    gives_up_at: int | None = None
    """When its host has certainly ended it by itself, if it stays out of sight."""
    piece: int = 0
    """Number of the last piece that was sent to its standard input."""
    feeding: asyncio.Lock | None = None
    """Held by who sends it something; None: nobody ever did."""
    lost_on: tuple[str, ...] = ()
    """Workers that went down with earlier attempts of its job."""
    log_dropped_bytes: int = 0
    gathered: Leavings | None = None
    """Its outputs, if they were brought from its host before its end is on disk."""
    owes_outputs: bool = False
    """It has ended, and its host may have outputs of it."""
    _shape: Shape | None = field(default=None, repr=False, compare=False)

    @property
    def shape(self) -> Shape:
        """The shape of its job; what has an attempt changes it no more."""
        if self._shape is None:
            self._shape = shape_of(self.job.spec)
        return self._shape


class LiveAttempts:
    """Open attempts by their id and by their job: at most one for a job."""

    def __init__(self) -> None:
        self.by_attempt: dict[AttemptId, Live] = {}
        self.by_job: dict[JobId, Live] = {}

    def add(self, live: Live) -> None:
        self.by_attempt[live.attempt.id] = live
        self.by_job[live.job.id] = live

    def remove(self, live: Live) -> None:
        """Forget an attempt, but not a newer one of the same job."""
        self.by_attempt.pop(live.attempt.id, None)
        if self.by_job.get(live.job.id) is live:
            del self.by_job[live.job.id]
