"""Runs of workflows, and one of them with windows of its tasks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from crabtui.topics.topic import Calls, Topic, by_jobs
from engine.control.messages import ListJobs, ListWorkflows, ShowWorkflow
from engine.control.views import FlowDetail, FlowsView, FlowView, JobRow, TaskView
from engine.errors import InvalidSpec, NotFound

PAGE: Final = 200
"""Runs that a list shows until its end is come near to, and so many more each time."""
CHUNK: Final = 200
"""Jobs that are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsAim:
    """The newest runs, all or of one name."""

    name: str = ""
    count: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowAim:
    """A run and windows of tasks: each of a run or composite task, from a place, so many."""

    run: int
    spans: tuple[tuple[int, int, int], ...] = ()
    critical: bool = False
    """Only tasks that say how long the whole takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPicture:
    """What a `FlowAim` asks for; the windows of the run itself come first."""

    details: tuple[FlowDetail, ...]
    is_past: bool = False
    """States and times are those of the moment that is looked at; edges are as they are now."""


async def _flows(feed: Calls, aim: FlowsAim) -> FlowsView:
    page = await feed.call(ListWorkflows(name=aim.name, limit=aim.count))
    if feed.as_of is None:
        return page
    then = await _rows(feed, [flow.id for flow in page.flows])
    flows = tuple(_flow_then(flow, then[flow.id]) for flow in page.flows if flow.id in then)
    return replace(page, flows=flows)


async def _flow(feed: Calls, aim: FlowAim) -> FlowPicture:
    spans = aim.spans or ((aim.run, 0, CHUNK),)
    details = [d for span in spans if (d := await _window(feed, aim, *span)) is not None]
    if feed.as_of is None:
        return FlowPicture(details=tuple(details))
    jobs = {detail.flow.id for detail in details}
    jobs |= {task.id for detail in details for task in detail.tasks}
    then = await _rows(feed, sorted(jobs))
    if aim.run not in then:
        raise NotFound(f"run #{aim.run} had not begun yet then")
    past = tuple(_detail_then(each, then) for each in details if each.flow.id in then)
    return FlowPicture(details=past, is_past=True)


async def _window(
    feed: Calls, aim: FlowAim, of: int, offset: int, count: int
) -> FlowDetail | None:
    """One window; None: that composite task has none to show (any more)."""
    request = ShowWorkflow(id=of, offset=offset, limit=count, critical=aim.critical)
    try:
        return await feed.call(request)
    except (NotFound, InvalidSpec):
        if of == aim.run:
            raise
        return None


async def _rows(feed: Calls, jobs: list[int]) -> dict[int, JobRow]:
    """The jobs as they were at the moment that is looked at; those that were."""
    found: dict[int, JobRow] = {}
    for start in range(0, len(jobs), CHUNK):
        where = "id:" + ",".join(map(str, jobs[start : start + CHUNK]))
        page = await feed.call(ListJobs(where=where, sort="id", count=CHUNK))
        found |= {row.id: row for row in page.jobs}
    return found


def _flow_then(flow: FlowView, row: JobRow) -> FlowView:
    """A run as it was; what is told of no past moment is left out."""
    return replace(
        flow,
        state=row.state,
        started_at=row.started_at,
        completed_at=row.completed_at,
        tasks=dict(row.members),
        task_count=sum(row.members.values()) or flow.task_count,
        held_by=row.held_by,
        cancel_at=row.cancel_at,
        cancel_by=None,
        note=row.note,
        error="",
        failed=(),
    )


def _task_then(task: TaskView, row: JobRow) -> TaskView:
    return replace(
        task,
        state=row.state,
        queued_at=row.queued_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        predicted_start_at=None,
        predicted_end_at=None,
        critical=False,
        attempt=row.attempt,
        worker_id=row.worker_id,
        exit_code=row.exit_code,
        signal=row.signal,
        note=row.note,
        error="",
        result=None,
        members=dict(row.members),
        held_by=row.held_by,
        unreachable_at=row.unreachable_at,
        stopping=row.stopping,
    )


def _detail_then(detail: FlowDetail, then: Mapping[int, JobRow]) -> FlowDetail:
    """Tasks keep their places: one that came later is shown as not there yet."""
    tasks = tuple(_tasks_then(detail.tasks, then))
    flow = _flow_then(detail.flow, then[detail.flow.id])
    if not flow.tasks and len(tasks) >= detail.total:
        flow = replace(flow, tasks=dict(Counter(task.state for task in tasks if task.state)))
    return replace(
        detail,
        flow=flow,
        tasks=tasks,
        predicted_end_at=None,
        critical_path=(),
        max_parallelism=None,
    )


def _tasks_then(tasks: Iterable[TaskView], then: Mapping[int, JobRow]) -> Iterable[TaskView]:
    for task in tasks:
        if task.id in then:
            yield _task_then(task, then[task.id])
        else:
            blank = JobRow(
                id=task.id, version=0, state="", name="", queue="", priority="", note="not yet"
            )
            yield _task_then(task, blank)


FLOWS: Final = Topic[FlowsAim, FlowsView](
    name="workflows", fetch=_flows, stirred=by_jobs, gap_s=0.5, tells_errors=True
)
FLOW: Final = Topic[FlowAim, FlowPicture](
    name="workflow", fetch=_flow, stirred=by_jobs, gap_s=0.5, tells_errors=True
)
