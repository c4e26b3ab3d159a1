"""The event log's vocabulary: every kind of event, and the value that records one."""

from enum import StrEnum

import msgspec

from engine.model.ids import AttemptId, JobId, Seq


class EventType(StrEnum):
    """Everything that can be read in the log. A new kind is added here first."""

    JOB_SUBMITTED = "job.submitted"
    JOBS_SUBMITTED = "jobs.submitted"
    JOB_QUEUED = "job.queued"
    JOB_STARTED = "job.started"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELED = "job.canceled"
    JOB_TIMEOUT = "job.timeout"
    JOB_RETRY = "job.retry"
    JOB_SKIPPED = "job.skipped"
    JOB_HELD = "job.held"
    JOB_RELEASED = "job.released"
    JOB_EDITED = "job.edited"
    JOB_BLOCKED = "job.blocked"
    JOB_REJECTED = "job.rejected"
    """A submission was not admitted; there is no job."""
    JOB_AGED = "job.aged"
    JOB_STARVING = "job.starving"
    JOB_RESERVED = "job.reserved"
    JOB_UNRESERVED = "job.unreserved"
    JOB_DISPLACED = "job.displaced"
    INVERSION_BEGAN = "inversion.began"
    INVERSION_ENDED = "inversion.ended"
    ARRAY_LIMITED = "array.limited"
    ARRAY_ABORTED = "array.aborted"
    WORKFLOW_CREATED = "workflow.created"
    WORKFLOW_STARTED = "workflow.started"
    WORKFLOW_COMPLETED = "workflow.completed"
    WORKFLOW_FAILED = "workflow.failed"
    WORKFLOW_CANCELED = "workflow.canceled"
    WORKFLOW_STOPPED = "workflow.stopped"
    """A task failed, and those that wait are canceled."""
    WORKFLOW_GROWN = "workflow.grown"
    """It has got more tasks, or edges."""
    WORKFLOW_RESUMED = "workflow.resumed"
    """What had failed, and what was skipped for it, is to run again."""
    ATTEMPT_INTENT = "attempt.intent"
    ATTEMPT_UNREACHABLE = "attempt.unreachable"
    ATTEMPT_ADOPTED = "attempt.adopted"
    ATTEMPT_STOPPING = "attempt.stopping"
    ATTEMPT_SOFT_TIMEOUT = "attempt.soft_timeout"
    ATTEMPT_VOID = "attempt.void"
    ATTEMPT_LOST = "attempt.lost"
    ATTEMPT_LOG_TRIMMED = "attempt.log_trimmed"
    ATTEMPT_PAUSED = "attempt.paused"
    ATTEMPT_RESUMED = "attempt.resumed"
    ATTEMPT_FED = "attempt.fed"
    """Somebody wrote to its standard input."""
    LEASE_EXPIRED = "lease.expired"
    QUEUE_CREATED = "queue.created"
    QUEUE_PAUSED = "queue.paused"
    QUEUE_RESUMED = "queue.resumed"
    QUEUE_LIMITED = "queue.limited"
    QUEUE_MODE = "queue.mode"
    """The backpressure mode of a queue, or of all (no queue named), has changed."""
    WORKER_REGISTERED = "worker.registered"
    WORKER_CHANGED = "worker.changed"
    WORKER_REMOVED = "worker.removed"
    WORKER_CONNECTED = "worker.connected"
    WORKER_DISCONNECTED = "worker.disconnected"
    """The link broke, or no link could be made; jobs there may well go on."""
    WORKER_REFUSED = "worker.refused"
    """A link that no retry will mend: host key, rights, protocol; a person must look."""
    WORKER_QUARANTINED = "worker.quarantined"
    WORKER_BREAKER = "worker.breaker"
    """Its circuit breaker opened, tries again, or closed."""
    WORKER_DECLARED_DEAD = "worker.declared_dead"
    DAEMON_STARTED = "daemon.started"
    DAEMON_STOPPED = "daemon.stopped"
    DAEMON_CONFIGURED = "daemon.configured"
    DAEMON_TROUBLE = "daemon.trouble"
    DAEMON_RECOVERED = "daemon.recovered"
    CRON_ADDED = "cron.added"
    CRON_CHANGED = "cron.changed"
    """It was paused, resumed, or added anew."""
    CRON_REMOVED = "cron.removed"
    CRON_FIRED = "cron.fired"
    """A run of it was submitted."""
    CRON_MISSED = "cron.missed"
    """Runs of it came due while nobody could start them."""
    CRON_SKIPPED = "cron.skipped"
    """A run of it was left out."""
    OPERATOR_ACTED = "operator.acted"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened; written in the same transaction as what it tells of."""

    seq: Seq
    at: int
    """UTC microseconds; may go back when the host's clock does. `seq` never does."""
    type: EventType
    job: JobId | None = None
    attempt: AttemptId | None = None
    worker: str | None = None
    tenant: str | None = None
    actor: str = "engine"
    """Who caused it: `engine`, or the operator's user name."""
    cause: str = ""
    """Why, in words."""
    data: dict[str, object] = {}
    """Facts of this kind of event; a job's event has the job's new columns in `now`."""
