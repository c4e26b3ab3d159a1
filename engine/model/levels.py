"""How much an event matters, and what it is about: one table for every kind of event."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final

from engine.model.events import EventType


class Level(IntEnum):
    """How much an event matters to somebody who looks for what is wrong."""

    DEBUG = 0
    """A step on the way; only of use to who follows one job."""
    INFO = 1
    """What work is made of."""
    WARN = 2
    """It may cost time, or become an error."""
    ERR = 3
    """Something did not do what it was to do."""

    @property
    def word(self) -> str:
        """As it is written in filters: `err`, `warn`, `info`, `debug`."""
        return self.name.lower()


class Subject(StrEnum):
    """What an event is about, by the first word of its type."""

    JOB = "job"
    ATTEMPT = "attempt"
    ARRAY = "array"
    WORKFLOW = "workflow"
    QUEUE = "queue"
    WORKER = "worker"
    LEASE = "lease"
    DAEMON = "daemon"
    CRON = "cron"
    OPERATOR = "operator"
    OTHER = "other"


_NOT_INFO: Final[Mapping[Level, frozenset[EventType]]] = {
    Level.ERR: frozenset(
        {
            EventType.JOB_FAILED,
            EventType.JOB_TIMEOUT,
            EventType.JOB_REJECTED,
            EventType.ARRAY_ABORTED,
            EventType.WORKFLOW_FAILED,
            EventType.WORKFLOW_STOPPED,
            EventType.ATTEMPT_LOST,
            EventType.WORKER_REFUSED,
            EventType.WORKER_DECLARED_DEAD,
            EventType.DAEMON_TROUBLE,
        }
    ),
    Level.WARN: frozenset(
        {
            EventType.JOB_RETRY,
            EventType.JOB_SKIPPED,
            EventType.JOB_STARVING,
            EventType.JOB_DISPLACED,
            EventType.INVERSION_BEGAN,
            EventType.ATTEMPT_UNREACHABLE,
            EventType.ATTEMPT_SOFT_TIMEOUT,
            EventType.ATTEMPT_VOID,
            EventType.LEASE_EXPIRED,
            EventType.QUEUE_MODE,
            EventType.WORKER_DISCONNECTED,
            EventType.WORKER_QUARANTINED,
            EventType.WORKER_BREAKER,
            EventType.CRON_MISSED,
            EventType.CRON_SKIPPED,
            EventType.HOOK_REFUSED,
        }
    ),
    Level.DEBUG: frozenset(
        {
            EventType.JOB_QUEUED,
            EventType.JOB_BLOCKED,
            EventType.JOB_AGED,
            EventType.JOB_RESERVED,
            EventType.JOB_UNRESERVED,
            EventType.ATTEMPT_INTENT,
            EventType.ATTEMPT_FED,
        }
    ),
}

LEVELS: Final[Mapping[EventType, Level]] = {
    kind: next((level for level, kinds in _NOT_INFO.items() if kind in kinds), Level.INFO)
    for kind in EventType
}
"""The level of every kind of event; what nobody has put elsewhere is `info`."""

_SUBJECTS: Final[Mapping[str, Subject]] = {
    **{subject.value: subject for subject in Subject},
    "jobs": Subject.JOB,
    "hook": Subject.JOB,
    "artifacts": Subject.ATTEMPT,
    "inversion": Subject.JOB,
}

SUBJECTS: Final[Mapping[EventType, Subject]] = {
    kind: _SUBJECTS.get(kind.value.partition(".")[0], Subject.OTHER) for kind in EventType
}
"""What every kind of event is about."""

PROBLEMS: Final = frozenset(kind for kind in EventType if LEVELS[kind] >= Level.WARN)
"""The kinds that somebody who looks for trouble wants to see: warnings and errors."""
