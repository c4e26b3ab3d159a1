"""How long composite tasks take that have not ended: told by what they consist of."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.daemon.desk import Desk
from engine.daemon.flows.pictures import picture_of
from engine.daemon.flows.times import took_ms
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import FINAL, State
from engine.model.workflow import Flow, FlowKind
from engine.policy.workflows.crowd import Crowd, end_of
from engine.policy.workflows.plan import GUESS_MS

SAMPLE: Final = 500
"""Jobs of a fan-out or array that are looked at; the others are taken to be like them."""
MOST: Final = 50
"""Composite tasks of a run that are looked into."""


async def lengths_within(
    desk: Desk, jobs: Sequence[Job], times: Mapping[str, int], now_at: int, prefix: str = ""
) -> dict[str, int]:
    """By task, how long it takes from its start (or from now, if it has none), in ms.

    Args:
        desk: Of the daemon.
        jobs: Tasks of one flow; those that are composite and have not ended are told of.
        times: By path, how long tasks took in an earlier run, in ms.
        now_at: UTC microseconds.
        prefix: Path of the flow: `train/`.
    """
    open_ = [job for job in jobs if _is_open(job)][:MOST]
    return {
        job.spec.task: max(end_at - _began_at(job, now_at), 0) // 1000
        for job in open_
        if (end_at := await _end_at(desk, job, times, now_at, f"{prefix}{job.spec.task}/"))
        is not None
    }


def _is_open(job: Job) -> bool:
    return job.spec.kind is Kind.COMPOSITE and job.now.state not in FINAL


def _began_at(job: Job, now_at: int) -> int:
    return now_at if job.now.started_at is None else job.now.started_at


async def _end_at(
    desk: Desk, job: Job, times: Mapping[str, int], now_at: int, prefix: str
) -> int | None:
    """When it ends; None: it has no jobs yet."""
    flow = await desk.store.flow(job.id)
    if flow is not None and flow.kind is not FlowKind.MAP:
        return await _end_of_flow(desk, flow, times, now_at, prefix)
    if flow is not None:
        limit, sample = flow.limit, await desk.store.tasks(job.id, JobId(0), SAMPLE)
    elif (array := await desk.store.array(job.id)) is not None:
        limit, sample = array.limit, await desk.store.members(job.id, 0, SAMPLE)
    else:
        return None
    counts = (await desk.store.array_counts([job.id])).get(job.id, {})
    return _end_of_crowd(counts, sample, limit, times, now_at, prefix) if sample else None


async def _end_of_flow(
    desk: Desk, flow: Flow, times: Mapping[str, int], now_at: int, prefix: str
) -> int | None:
    jobs = await desk.store.tasks(flow.id, JobId(0), SAMPLE)
    if not jobs:
        return None
    own = {path.removeprefix(prefix): t for path, t in times.items() if path.startswith(prefix)}
    within = await lengths_within(desk, jobs, times, now_at, prefix)
    picture = picture_of(jobs, own, jobs[0].created_at, now_at, within)
    return picture.at(picture.plan.length)


def _end_of_crowd(
    counts: Mapping[str, int],
    sample: Sequence[Job],
    limit: int | None,
    times: Mapping[str, int],
    now_at: int,
    prefix: str,
) -> int:
    began = [
        (job.now.started_at or now_at) // 1000
        for job in sample
        if job.now.state is State.RUNNING
    ]
    unseen = max(counts.get(State.RUNNING, 0) - len(began), 0)
    ended = sum(number for state, number in counts.items() if state in FINAL)
    crowd = Crowd(
        running=[*began, *[now_at // 1000] * unseen],
        waiting=max(sum(counts.values()) - ended - len(began) - unseen, 0),
        usual=_usual(sample, times, prefix),
        limit=limit,
    )
    return end_of(crowd, now_at // 1000) * 1000


def _usual(sample: Sequence[Job], times: Mapping[str, int], prefix: str) -> int:
    """How long one takes: as those that succeeded did, as they say, or as in another run."""
    took = [ms for job in sample if (ms := took_ms(job)) is not None]
    said = [ms for job in sample if (ms := job.spec.estimated_duration_ms) is not None]
    before = [ms for path, ms in times.items() if path.startswith(prefix)]
    known = took or said or before
    return sum(known) // len(known) if known else GUESS_MS
