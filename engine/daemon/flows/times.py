"""How long the tasks of a workflow took in its newest earlier run."""

from typing import Final

from engine.daemon.desk import Desk
from engine.model.ids import MAX_ID, JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import State

RUNS: Final = 3
"""Newest runs, of which the first one counts in which some task succeeded."""
MOST_TASKS: Final = 10_000


async def times_of_runs(desk: Desk, name: str, below: int = MAX_ID) -> dict[str, int]:
    """By path (`train`, `train/eval`), how long tasks took, in ms; empty if nothing is known.

    Args:
        desk: Of the daemon.
        name: Of the workflow.
        below: Only runs that are older than this one.
    """
    for run in await desk.store.runs(name=name, below=JobId(below), limit=RUNS):
        if found := await _times(desk, run.id):
            return found
    return {}


async def _times(desk: Desk, run: JobId) -> dict[str, int]:
    found: dict[str, int] = {}
    within, left = [(run, "")], MOST_TASKS
    while within and left > 0:
        flow, prefix = within.pop()
        jobs = await desk.store.tasks(flow, JobId(0), left)
        left -= len(jobs)
        for job in jobs:
            path = prefix + job.spec.task
            if job.spec.kind is Kind.COMPOSITE:
                within.append((job.id, f"{path}/"))
            elif (took := took_ms(job)) is not None:
                found[path] = took
    return found


def took_ms(job: Job) -> int | None:
    """How long a job took that succeeded; None if it did not."""
    now = job.now
    if now.state is not State.SUCCEEDED or now.started_at is None or now.ended_at is None:
        return None
    return max((now.ended_at - now.started_at) // 1000, 0)
