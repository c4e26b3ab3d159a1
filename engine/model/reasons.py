"""Why a job does or does not start: gates and the reasons that they give, as values."""

from enum import StrEnum
from typing import Any

import msgspec


class GateKind(StrEnum):
    """Everything that can stand between a job and its start, in the order looked at."""

    STATE = "state"  # it runs already, or has ended
    HOLD = "hold"
    CANCEL = "cancel"  # a cancel with grace is under way
    DEPENDENCIES = "dependencies"
    SCHEDULE = "schedule"  # its start time has not come
    BACKOFF = "backoff"  # it waits to be tried again
    REUSE = "reuse"  # another computes the same; of jobs whose results are reused alone
    QUEUE_PAUSED = "queue-paused"
    QUEUE_LIMIT = "queue-limit"
    RATE = "rate"  # its queue or tenant has started as many as it may for now
    PRESSURE = "pressure"  # the backlog is deep: low waits, or fewer run at once
    QUOTA = "quota"  # its tenant or namespace has as much as it may
    ARRAY = "array"  # as many members of its array run as may
    GROUP = "group"  # its concurrency group is full
    GOAL = "goal"  # another job has the lock of its goal
    UNSATISFIABLE = "unsatisfiable"  # no worker could ever hold it
    WORKER = "worker"  # all that could hold it are drained or not healthy
    FIT = "fit"  # all that could hold it are full now
    RESERVED = "reserved"  # there is room, and it is kept for a job that waited longer
    LANE = "lane"  # others of its kind are before it
    TURN = "turn"  # everything is free; it starts with the next round
    DAEMON = "daemon"  # the engine is not granting: stopping, or the disk is full


class Remedy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would open a gate: one act, for programs."""

    act: str
    """An act of `whatif`; or `retry`, `uncancel`, `resume_job`, `array_limit`, `reset_worker`,
    `release_worker`, `reconnect_worker`; or `wait`: nothing is done, and `jobs` have to
    end."""
    jobs: tuple[int, ...] = ()
    name: str = ""
    """Of the queue or worker."""
    to: str | None = None
    """The priority."""
    limit: int | None = None
    changes: dict[str, Any] = {}
    """For `edit`: what to change, as its request takes it."""


class Gate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One gate, looked at for one job."""

    kind: GateKind
    ok: bool
    text: str
    """The sentence people read, with its numbers."""
    facts: dict[str, object] = {}
    """The numbers again, for programs."""
    holders: tuple[int, ...] = ()
    """Ids of jobs that hold what is missing, the longest first; at most eight."""
    next_change_at: int | None = None
    """When this gate will open by itself, if that is known."""
    remedy: str = ""
    """The cheapest command that would open it; or one to look with, if none would."""
    act: Remedy | None = None
    """The same for programs; None: time opens it, or nothing that can be done from here."""
