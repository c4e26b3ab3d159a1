"""Work that recurs, as clients see it."""

from typing import Any

from engine.control.views.view import View


class CronView(View, frozen=True):
    """One schedule. Instants are UTC microseconds."""

    name: str
    spec: str
    zone: str
    work: str
    """`job` or `workflow`."""
    command: str
    """What it runs, on one line."""
    user: str
    missed: str
    overlap: str
    next_at: int | None
    """When the next run is meant to be; None: never again, or not while it is paused."""
    due_at: int | None
    """The same with its jitter."""
    paused_by: str | None = None
    paused_at: int | None = None
    last_at: int | None = None
    last_job: int | None = None
    last_state: str | None = None
    """Of that job, as it is now."""
    fired: int = 0
    missed_runs: int = 0
    """Since the last run that was on time."""
    missed_at: int | None = None
    skipped: int = 0
    owed: int = 0
    """Runs that are to be submitted: at once, or when another one has ended."""
    live: tuple[int, ...] = ()
    """Jobs of it that were last seen not to have ended."""
    trouble: str = ""
    """Why the newest run could not be submitted."""
    is_configured: bool = False
    jitter_ms: int = 0
    start_at: int | None = None
    end_at: int | None = None
    added_at: int = 0


class CronsView(View, frozen=True):
    """All schedules, by name."""

    crons: tuple[CronView, ...]
    now_at: int


class CronDetail(View, frozen=True):
    """One schedule, what it submits, and when."""

    cron: CronView
    body: dict[str, Any]
    """The job or the definition, as it was given."""
    next: tuple[int, ...]
    """The instants of its next runs, whether it is paused or not."""
    now_at: int


class CronAdded(View, frozen=True):
    """A schedule that is on disk."""

    name: str
    next: tuple[int, ...]
    """The instants of its next three runs."""
    zone: str
    now_at: int
    was: str | None = None
    """The schedule that it replaced, if it did."""


class HookView(View, frozen=True):
    """One hook."""

    on: tuple[str, ...]
    text: str
    """What it runs or calls, on one line."""
    name: str = ""
    where: str = ""
    """Only for jobs that match; empty: for all."""
    source: str = "job"
    """`job` or `config`."""


class FiredView(View, frozen=True):
    """The job of a hook that fired."""

    id: int
    on: str
    name: str
    state: str
    created_at: int
    note: str = ""


class HooksView(View, frozen=True):
    """Hooks, and what they have become."""

    hooks: tuple[HookView, ...]
    fired: tuple[FiredView, ...] = ()
    """Of a job: the newest jobs of its hooks, oldest first; those of the configuration too."""
