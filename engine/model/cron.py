"""Recurring work: what is submitted again and again, when, and how far that has come."""

from enum import StrEnum
from typing import Any, Final

import msgspec

from engine.model.ids import JobId

MOST_MADE_UP: Final = 100
"""Runs of one schedule that are made up or owed at most; older ones are given up."""


class Missed(StrEnum):
    """What becomes of runs whose time passed while nobody could start them."""

    SKIP = "skip"  # they are left out
    ONCE = "once"  # one run stands for all of them
    ALL = "all"  # each is made up, one after the other; at most `MOST_MADE_UP`


class Overlap(StrEnum):
    """What becomes of a run whose predecessor has not ended."""

    SKIP = "skip"  # it is left out
    QUEUE = "queue"  # it starts when that has ended
    CANCEL_RUNNING = "cancel_running"  # that is canceled
    ALLOW = "allow"  # both run


class Work(StrEnum):
    """What is submitted."""

    JOB = "job"
    WORKFLOW = "workflow"


class Cron(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One schedule, what it submits, and its state. All instants are UTC microseconds."""

    name: str
    spec: str
    """Five fields, `@daily` and its like, or `@every 90s`."""
    zone: str = "UTC"
    """Name of the time zone in which the fields are read."""
    work: Work = Work.JOB
    body: dict[str, Any]
    """A job, or the definition of a workflow, as people write it."""
    params: dict[str, Any] = {}
    """Of a workflow: over the defaults that the definition has."""
    surroundings: int
    """Key of the folder and environment that it was added from."""
    user: str
    """Who added it: its jobs are theirs."""
    missed: Missed = Missed.ONCE
    overlap: Overlap = Overlap.SKIP
    jitter_ms: int = 0
    """Each run is late by a chance part of this."""
    start_at: int | None = None
    end_at: int | None = None
    """No run is due before the one, or after the other."""
    added_at: int = 0
    is_configured: bool = False
    """It stands in the configuration file."""
    paused_by: str | None = None
    paused_at: int | None = None
    next_at: int | None = None
    """When the next run is meant to be; None: never again."""
    due_at: int | None = None
    """The same with its jitter; None too while it is paused."""
    starting: tuple[int, ...] = ()
    """Instants of runs that were decided on and are being submitted."""
    owed: tuple[int, ...] = ()
    """Instants of runs that wait until their predecessor has ended."""
    live: tuple[JobId, ...] = ()
    """Submitted jobs that have not ended, as far as was last seen."""
    last_at: int | None = None
    """The instant of the newest run."""
    last_job: JobId | None = None
    last_submitted_at: int | None = None
    fired: int = 0
    """Runs that were submitted."""
    missed_runs: int = 0
    """Runs that have been missed since the last one that was on time."""
    missed_at: int | None = None
    """The newest instant among those."""
    skipped: int = 0
    """Runs that were left out because another one had not ended, or could not be submitted."""
    trouble: str = ""
    """Why the newest run could not be submitted; empty if it could."""
    version: int = 0

    @property
    def is_paused(self) -> bool:
        """Whether somebody keeps it from firing."""
        return self.paused_by is not None

    @property
    def wake_at(self) -> int | None:
        """When it wants to be looked at; 0: at once. None: not by time alone."""
        return 0 if self.starting else self.due_at
