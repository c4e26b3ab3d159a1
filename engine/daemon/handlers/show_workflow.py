"""`show_workflow`: a run, worked out, with a window of its tasks."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from engine.control.messages import ShowWorkflow
from engine.control.views import FlowDetail, FlowView, TaskView
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.lookup import find_flow, flow_views
from engine.daemon.flows.pictures import MARK_EVERY, MOST_PLANNED, FlowPicture, picture_of
from engine.daemon.flows.sweep_views import array_task, sweep_detail
from engine.daemon.flows.times import times_of_runs
from engine.daemon.flows.views import kind_of, task_view
from engine.daemon.flows.within import lengths_within
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.workflow import Flow, FlowKind

MOST: Final = 1_000
"""Tasks in one answer."""
SMALL: Final = 500
"""Tasks of a run that is worked out where it is asked for; larger ones aside."""


async def answer(desk: Desk, _: Caller, ask: ShowWorkflow) -> FlowDetail:
    """A run, or an array within one, with a window of its tasks. Raises: NotFound."""
    offset, limit = max(ask.offset, 0), max(1, min(ask.limit, MOST))
    if (whole := await array_task(desk, ask.id)) is not None:
        return await sweep_detail(desk, whole, offset, limit)
    flow = await find_flow(desk, ask.id)
    [view] = await flow_views(desk, [flow])
    picture = await _picture(desk, flow, view)
    if ask.critical:
        path = () if picture is None else picture.critical_ids
        jobs, total = await desk.store.jobs(path[offset : offset + limit]), len(path)
    else:
        jobs, total = await _window(desk, flow.id, picture, offset, limit), view.task_count
    goes_on = view.completed_at is None
    plan = None if picture is None else picture.plan
    return FlowDetail(
        flow=view,
        tasks=tuple(await _tasks(desk, jobs, picture)),
        offset=offset,
        total=total,
        now_at=desk.clock.now(),
        seq=desk.timeline.head,
        levels=None if plan is None else len(plan.levels),
        max_parallelism=None if plan is None else plan.width,
        efficiency=None if plan is None else round(plan.efficiency, 4),
        critical_path=() if plan is None else plan.critical_path,
        predicted_end_at=picture.at(picture.plan.length) if picture and goes_on else None,
        is_guess=picture is not None and picture.is_guess,
    )


async def _picture(desk: Desk, flow: Flow, view: FlowView) -> FlowPicture | None:
    if view.task_count > MOST_PLANNED:
        return None
    began_s = desk.clock.monotonic()
    fresh = desk.flow_pictures.fresh(flow.id, began_s)
    if fresh is not None and len(fresh.ids) == view.task_count:
        return fresh
    jobs = await desk.store.tasks(flow.id, JobId(0), MOST_PLANNED)
    times = await times_of_runs(desk, flow.name, flow.root) if flow.id == flow.root else {}
    now_at = view.completed_at or desk.clock.now()
    within = await lengths_within(desk, jobs, times, now_at)
    work = partial(picture_of, jobs, times, view.created_at, now_at, within)
    picture = work() if len(jobs) <= SMALL else await desk.flow_pictures.aside.do(work)
    desk.flow_pictures.keep(flow.id, picture, began_s, desk.clock.monotonic())
    return picture


async def _window(
    desk: Desk, flow: JobId, picture: FlowPicture | None, offset: int, limit: int
) -> list[Job]:
    if picture is not None and 0 < offset <= len(picture.ids):
        return await desk.store.tasks(flow, picture.ids[offset - 1], limit)
    after, skipped = await _marked(desk, flow, offset)
    return (await desk.store.tasks(flow, after, offset - skipped + limit))[offset - skipped :]


async def _marked(desk: Desk, flow: JobId, offset: int) -> tuple[JobId, int]:
    """A task less than `MARK_EVERY` before the offset, and its place from 1; 0 for none."""
    marks = desk.flow_pictures.marks(flow)
    while len(marks) < offset // MARK_EVERY:
        after = marks[-1] if marks else JobId(0)
        jobs = await desk.store.tasks(flow, after, MARK_EVERY)
        if len(jobs) < MARK_EVERY:
            break
        if not marks or jobs[-1].id > marks[-1]:
            marks.append(jobs[-1].id)
    place = min(offset // MARK_EVERY, len(marks))
    return (marks[place - 1] if place else JobId(0)), place * MARK_EVERY


async def _tasks(
    desk: Desk, jobs: Sequence[Job], picture: FlowPicture | None
) -> list[TaskView]:
    ids = [job.id for job in jobs]
    composite = [job.id for job in jobs if job.spec.kind is Kind.COMPOSITE]
    counts = await desk.store.array_counts(composite) if composite else {}
    flows = [flow for one in composite if (flow := await desk.store.flow(one))]
    maps = {flow.id for flow in flows if flow.kind is FlowKind.MAP}
    results = await desk.store.results(ids)
    names = await _names(desk, jobs)
    return [
        task_view(
            job,
            names,
            kind=kind_of(job, {flow.id for flow in flows}, maps),
            counts=counts.get(job.id, {}),
            result=results.get(job.id),
            picture=picture,
        )
        for job in jobs
    ]


async def _names(desk: Desk, jobs: Sequence[Job]) -> dict[JobId, str]:
    """Names of all tasks that these wait for."""
    flow = jobs[0].spec.flow if jobs else None
    names = {job.id: job.spec.task for job in jobs}
    awaited = {edge.on for job in jobs for edge in job.spec.constraints.edges}
    others = await desk.store.jobs(sorted(awaited - names.keys()))
    return names | {job.id: job.spec.task for job in others if job.spec.flow == flow}
