"""Waiting for a job: its result, or one of the distinct errors.

JobProblem
├── JobFailed       it ended without success; `error` has what it said
├── JobTimedOut     it ran, or waited, longer than it may
├── JobCanceled     somebody canceled it, or what it depended on failed
└── WaitExpired     it has not ended in the time that we wait; it goes on
"""

from typing import Any, Final

from engine.control.blocking import BlockingClient
from engine.control.messages import ReadResult, Wait
from engine.model.states import State

DEFAULT_MS: Final = 60_000


class JobProblem(Exception):
    """A job has no result, or not yet."""

    def __init__(self, job: int, message: str, error: dict[str, object] | None = None) -> None:
        super().__init__(f"#{job}: {message}")
        self.job = job
        self.error = error or {}


class JobFailed(JobProblem):
    """It ended without success."""


class JobTimedOut(JobProblem):
    """It ran, or waited, longer than it may."""


class JobCanceled(JobProblem):
    """Somebody canceled it, or what it depended on failed."""


class WaitExpired(JobProblem):
    """It has not ended in the time that was waited; it goes on."""


_PROBLEMS: Final[dict[str, type[JobProblem]]] = {
    State.TIMEOUT.value: JobTimedOut,
    State.CANCELED.value: JobCanceled,
    State.SKIPPED.value: JobCanceled,
}


def await_job(client: BlockingClient, job: int, timeout_ms: int | None = DEFAULT_MS) -> Any:
    """What a job came to; None if it left no result.

    Args:
        client: To ask with.
        job: Its id.
        timeout_ms: How long to wait; None: until it ends.

    Raises:
        JobFailed, JobTimedOut, JobCanceled: how it ended.
        WaitExpired: it has not; it goes on.
    """
    waited = client.call(Wait(ids=(job,), timeout_ms=timeout_ms))
    if waited.unfinished:
        raise WaitExpired(job, f"has not ended within {timeout_ms} ms")
    found = client.call(ReadResult(id=job))
    if found.state == State.SUCCEEDED:
        return found.result
    said = str((found.error or {}).get("message") or found.state)
    raise _PROBLEMS.get(found.state, JobFailed)(job, said, found.error)
