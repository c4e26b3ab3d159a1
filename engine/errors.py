"""Every error this project raises on purpose.

EngineError
├── Refused                  the engine will not do it; say why to the caller
│   ├── InvalidSpec          what was asked contradicts itself or the rules; mend `field`
│   │   ├── DuplicateTask    two tasks of one workflow have the same name
│   │   ├── UnknownDependency   a task waits for one that there is not; see `nearest`
│   │   ├── DependencyCycle  tasks wait for each other; `details.cycle` is the path
│   │   └── NoBackend        no worker's backend would do; says which there are
│   ├── NotFound             no such job, queue, attempt or worker
│   ├── NotAllowed           not in this state, or not with these rights
│   ├── KeyTaken             the key belongs to a live job, named in `job` if it can be seen
│   └── NotAdmitted          not now, or never so many; again after `retry_after_s`, if set
│       ├── QueueFull        the backlog is as deep as it may be
│       ├── QueueCritical    the backlog is so deep that only critical jobs come in
│       ├── QuotaExceeded    the tenant or namespace has as many waiting as it may
│       └── RateExceeded     the tenant or namespace submits faster than it may
├── StaleLease               someone else changed it first; drop your result, look again
├── StaleEpoch               a newer daemon owns this state; stop at once
├── BackendError             a worker could not do what was asked
│   ├── Unreachable          no answer; the attempt may still be running
│   ├── LinkRefused          host key, rights or protocol: no retry helps, a person must look
│   │   └── SpoolGone        its host answers, but the spool that was met there is not there
│   └── StartFailed          it never began; safe to try again
├── StoreError               the database failed; the transaction did not happen
│   ├── StoreFull            the disk is full; nothing was written, nothing is lost
│   ├── StoreReadOnly        file or folder may not be written
│   ├── StoreLocked          another process holds the database
│   ├── StoreTooNew          written by a newer version; use that one
│   ├── StoreCorrupt         not a database of ours, or damaged; nothing was touched
│   └── BlobCorrupt          a blob is not what its name says; it was set aside, put it anew
├── DoorError                the conversation between client and daemon broke
│   ├── NoDaemon             nobody answers on the socket
│   ├── FrameTooLarge        a frame above the limit
│   ├── FrameTruncated       the stream ended inside a frame
│   ├── FrameMalformed       a frame that is not a message of this protocol
│   └── VersionMismatch      client and daemon speak different versions
├── StateInUse               another daemon holds the state directory
├── UnusableState            the state directory cannot be used as it is
└── IllegalTransition        a bug: the state table has no such move

Anything else that escapes is a bug too. Catch the leaf you can act on.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar


class Category(StrEnum):
    """What kind of trouble it is; a retry policy may name these."""

    VALIDATION = "validation"
    RESOURCE = "resource"
    TIMEOUT = "timeout"
    BACKEND = "backend"
    NETWORK = "network"
    QUOTA = "quota"
    PERMISSION = "permission"
    INTERNAL = "internal"
    CANCELED = "canceled"
    LOST = "lost"


class EngineError(Exception):
    """Root of the tree: a code for programs, a sentence for people, fields for both."""

    code: ClassVar[str] = "error"
    category: ClassVar[Category] = Category.INTERNAL
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        nearest: str | None = None,
        retry_after_s: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the sentence and what a program needs to react.

        Args:
            message: One sentence that names the thing, the place and the way out.
            field: Where in the input the trouble is, dotted (`retry.base_ms`).
            nearest: The value that was probably meant.
            retry_after_s: When it is worth asking again; None if it is not.
            details: Anything else worth a program's while; JSON values only.
        """
        super().__init__(message)
        self.message = message
        self.field = field
        self.nearest = nearest
        self.retry_after_s = retry_after_s
        self.details = dict(details or {})


class Refused(EngineError):
    code = "refused"
    category = Category.VALIDATION


class InvalidSpec(Refused):
    code = "invalid"


class DuplicateTask(InvalidSpec):
    code = "duplicate_task"


class UnknownDependency(InvalidSpec):
    code = "unknown_dependency"


class DependencyCycle(InvalidSpec):
    code = "dependency_cycle"


class NoBackend(InvalidSpec):
    code = "no_backend"


class NotFound(Refused):
    code = "not_found"


class NotAllowed(Refused):
    code = "not_allowed"
    category = Category.PERMISSION


class KeyTaken(Refused):
    code = "key_taken"


class NotAdmitted(Refused):
    code = "not_admitted"
    category = Category.RESOURCE
    retryable = True


class QueueFull(NotAdmitted):
    code = "queue_full"


class QueueCritical(NotAdmitted):
    code = "queue_critical"


class QuotaExceeded(NotAdmitted):
    code = "quota_exceeded"
    category = Category.QUOTA


class RateExceeded(NotAdmitted):
    code = "rate_exceeded"
    category = Category.QUOTA


class StaleLease(EngineError):
    code = "stale_lease"


class StaleEpoch(EngineError):
    code = "stale_epoch"


class BackendError(EngineError):
    code = "backend"
    category = Category.BACKEND


class Unreachable(BackendError):
    code = "unreachable"
    category = Category.NETWORK
    retryable = True


class LinkRefused(BackendError):
    code = "link_refused"
    category = Category.PERMISSION


class SpoolGone(LinkRefused):
    code = "spool_gone"


class StartFailed(BackendError):
    code = "start_failed"
    retryable = True


class StoreError(EngineError):
    code = "store"


class StoreFull(StoreError):
    code = "store_full"
    category = Category.RESOURCE
    retryable = True


class StoreReadOnly(StoreError):
    code = "store_read_only"
    category = Category.PERMISSION


class StoreLocked(StoreError):
    code = "store_locked"
    retryable = True


class StoreTooNew(StoreError):
    code = "store_too_new"


class StoreCorrupt(StoreError):
    code = "store_corrupt"


class BlobCorrupt(StoreError):
    code = "blob_corrupt"


class DoorError(EngineError):
    code = "door"
    category = Category.NETWORK


class NoDaemon(DoorError):
    code = "no_daemon"
    retryable = True


class FrameTooLarge(DoorError):
    code = "frame_too_large"


class FrameTruncated(DoorError):
    code = "frame_truncated"


class FrameMalformed(DoorError):
    code = "frame_malformed"


class VersionMismatch(DoorError):
    code = "version_mismatch"


class StateInUse(EngineError):
    code = "state_in_use"


class UnusableState(EngineError):
    code = "unusable_state"
    category = Category.PERMISSION


class IllegalTransition(EngineError):
    code = "illegal_transition"


def _leaves(kind: type[EngineError]) -> dict[str, type[EngineError]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found |= _leaves(child)
    return found


BY_CODE: Mapping[str, type[EngineError]] = _leaves(EngineError)
"""Error class by wire code, so that a client raises what the daemon raised."""
