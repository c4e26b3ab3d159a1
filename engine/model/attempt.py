"""One execution of a job on one worker, under one lease."""

import msgspec

from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.outcome import Trouble, Verdict
from engine.model.states import Phase


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt as the store remembers it. Instants are UTC microseconds."""

    id: AttemptId
    job: JobId
    number: int
    """1 for the first attempt of the job."""
    epoch: Epoch
    """Epoch of the daemon that answers for it now; every write compares it."""
    worker: str
    phase: Phase
    intent_at: int
    started_at: int | None = None
    ended_at: int | None = None
    pid: int | None = None
    pid_start: str | None = None
    """The process's start time as its host tells it; with `pid` and `ident` unique."""
    ident: str | None = None
    """Host, boot and container that `pid` belongs to."""
    verdict: Verdict | None = None
    exit_code: int | None = None
    signal: int | None = None
    trouble: Trouble | None = None
    gpus: tuple[int, ...] = ()
    """Indices of the devices that are its own."""
    limits: str = ""
    """What holds it to the memory it asked for: `scope`, `rlimit`; empty: nothing."""
    revision: str = ""
    """The commit in its workspace, in full; empty: it has none, or it is not known yet."""
    evidence_at: int | None = None
    """When its host last proved that it knows about this attempt."""
    lease_ms: int | None = None
    """Its host ends it by itself when not told for this long to go on; None: it never does."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to run one attempt. At most one exists for a job."""

    attempt: AttemptId
    job: JobId
    epoch: Epoch
    worker: str
    granted_at: int
    renewed_at: int
    expires_at: int
