"""Runs of workflows that failed, as matters: of each workflow the newest run alone counts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.model.attention import Matter, Rank
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.model.workflow import Flow
from engine.policy.workflows.report import why

TOLD_US: Final = 86_400_000_000
"""For so long a failed run is told of, unless a newer one of its workflow begins."""
FAILURES: Final = (State.FAILED, State.TIMEOUT)

Run = tuple[Flow, Job]
"""A run, and its composite job as it is or was then."""


def failed(runs: Iterable[Run], now_at: int) -> list[Run]:
    """Those that want somebody, in the order given.

    Args:
        runs: The newest first.
        now_at: UTC microseconds.
    """
    newest: dict[str, Run] = {}
    for flow, job in runs:
        newest.setdefault(flow.name, (flow, job))
    return [run for run in newest.values() if _is_fresh_failure(run[1], now_at)]


def of_runs(runs: Iterable[Run], counts: Mapping[JobId, Mapping[str, int]]) -> Iterator[Matter]:
    """What is the matter with each. `counts`: of their tasks by state, where known."""
    for flow, job in runs:
        states = counts.get(flow.id, {})
        yield Matter(
            key=f"run:{flow.id}",
            rank=Rank.RUN,
            kind="run",
            subject=flow.name,
            text=f"run {flow.run} failed: {why(job)}",
            affected=sum(states.get(state, 0) for state in FAILURES),
            since_at=job.now.ended_at,
            jump=f"flows/{flow.id}",
            level="bad",
        )


def _is_fresh_failure(job: Job, now_at: int) -> bool:
    ended_at = job.now.ended_at
    return job.now.state in FAILURES and ended_at is not None and now_at - ended_at < TOLD_US
