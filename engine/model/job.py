"""A job as it stands now: its spec, and the columns that change."""

from typing import Final

import msgspec

from engine.model.ids import AttemptId, JobId
from engine.model.outcome import Trouble
from engine.model.priority import Priority
from engine.model.rules import Placing
from engine.model.spec import JobSpec
from engine.model.states import State

COMMANDS: Final = "command"
"""Work that is a command to execute; calls are the work that their kind says."""


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The columns of a job that change. Every event of a job carries the new ones.

    All instants are UTC microseconds; None means that it has not happened.
    """

    state: State
    queue: str
    priority: Priority
    version: int
    """Sequence number of the last event about this job; every write compares it."""
    attempt: AttemptId | None = None
    """The open attempt; at most one. None when nothing of the job can be running."""
    attempts: int = 0
    """How many processes were started, or could not be."""
    failures: int = 0
    """Ends that count against `max_attempts`."""
    losses: int = 0
    """Attempts that were lost with their worker; counted apart."""
    worker: str | None = None
    queued_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    state_at: int = 0
    """When the present state began."""
    wake_at: int | None = None
    """When a pending or retrying job becomes queued, if nothing else holds it."""
    unmet: int = 0
    """Dependencies that have not succeeded yet."""
    held_by: str | None = None
    """Who put it on hold; None when it is not."""
    held_why: str = ""
    cancel_at: int | None = None
    """When a requested cancel takes effect; the job cannot start before."""
    cancel_by: str | None = None
    cancel_why: str = ""
    stopping: bool = False
    """A running job that was told to end."""
    unreachable_at: int | None = None
    """Since when its host is silent: the last proof of life. None: it is not."""
    displaced_for: JobId | None = None
    """A running job that was told to make room for this one, and then waits again."""
    paused_at: int | None = None
    """Since when its running attempt stands still; it keeps its place on its worker."""
    paused_by: str | None = None
    needs_operator: bool = False
    """Lost, and its restart contract says `ask`."""
    exit_code: int | None = None
    signal: int | None = None
    trouble: Trouble | None = None
    note: str = ""
    """The shortest true answer to "what is with it?", for tables."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job: what was asked, when, and how far it has come."""

    id: JobId
    spec: JobSpec
    surroundings: int
    """Key of the `Surroundings` that its submission brought along."""
    shape: int
    """Key of its `Shape`: jobs of one shape are interchangeable to the scheduler."""
    created_at: int
    now: Progress

    def with_progress(self, now: Progress) -> "Job":
        """The same job, further along."""
        return msgspec.structs.replace(self, now=now)


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that eligibility reads, except lane, sequence and age."""

    cpu_milli: int = 1000
    memory_mb: int = 0
    gpu: int = 0
    gpu_type: str | None = None
    storage_mb: int = 0
    custom: tuple[tuple[str, int], ...] = ()
    workers: tuple[str, ...] = ()
    not_workers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    not_backends: tuple[str, ...] = ()
    not_labels: tuple[str, ...] = ()
    wished_workers: tuple[str, ...] = ()
    wished_backends: tuple[str, ...] = ()
    wished_labels: tuple[str, ...] = ()
    session: str | None = None
    locality: str = "any"
    placing: Placing | None = None
    is_gate: bool = False
    """A promotion gate: production workers only."""
    phase: int | None = None
    """Agent phase; exploratory ones never on production workers."""
    namespace: str = "default"
    array: JobId | None = None
    """Members of one array stand in lanes of their own: its limit is theirs alone."""
    goal: str | None = None
    parent: JobId | None = None
    """Set with `goal` only: a job shares the lock of the job that submitted it."""
    group: str | None = None
    group_limit: int = 1
    work: str = COMMANDS
    """What a worker has to support: commands, or a kind of call."""
