"""What a run came to: counts of its tasks, its length, and the error to tell of first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.model.job import Job
from engine.model.states import FINAL, State

MOST_NAMED: Final = 5
"""Tasks that are named of those that failed."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The tasks of a run, added up."""

    task_count: int
    successful: int
    error: str | None
    """Of the task that failed first; None: none has, or something stands in for each."""


def summary(tasks: Iterable[Job]) -> Summary:
    """The tasks of a run, added up."""
    count = successful = 0
    bad: list[Job] = []
    for job in tasks:
        count += 1
        successful += job.now.state is State.SUCCEEDED
        if job.now.state in (State.FAILED, State.TIMEOUT) and not job.spec.tolerated:
            bad.append(job)
    first = min(bad, key=lambda job: (job.now.ended_at or 0, job.id), default=None)
    return Summary(
        task_count=count,
        successful=successful,
        error=None if first is None else f"{first.spec.task}: {why(first)}",
    )


def why(job: Job) -> str:
    """Why a task ended as it did, in a few words; empty if it succeeded or goes on."""
    now = job.now
    if now.state not in FINAL or now.state is State.SUCCEEDED:
        return ""
    if now.trouble is not None and now.trouble.message:
        return now.trouble.message
    return now.note or now.state.value
