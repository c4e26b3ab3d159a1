"""An array that is a task of a run, shown as what it stands for: its jobs, in windows."""

from msgspec.structs import replace

from engine.control.views import FlowDetail, TaskView
from engine.daemon.desk import Desk
from engine.daemon.flows.lookup import flow_views
from engine.daemon.flows.views import task_view
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.workflow import Flow


async def array_task(desk: Desk, number: int) -> Job | None:
    """The composite job of an array that is a task; None if it is something else."""
    job = await desk.store.job(JobId(number))
    if job is None or job.spec.flow is None:
        return None
    return job if await desk.store.array(job.id) is not None else None


async def sweep_detail(desk: Desk, whole: Job, offset: int, limit: int) -> FlowDetail:
    """A window of the jobs of an array, as tasks without edges."""
    flow = Flow(id=whole.id, name=whole.spec.task, root=whole.spec.flow or whole.id)
    [view] = await flow_views(desk, [flow])
    members = await desk.store.members(whole.id, offset, limit)
    results = await desk.store.results([job.id for job in members])
    tasks = tuple(
        _named(
            task_view(
                job,
                {},
                kind=job.spec.kind.value,
                counts={},
                result=results.get(job.id),
                picture=None,
            ),
            whole,
            job,
        )
        for job in members
    )
    return FlowDetail(
        flow=replace(view, parent=whole.spec.flow),
        tasks=tasks,
        offset=offset,
        total=view.task_count,
        now_at=desk.clock.now(),
        seq=desk.timeline.head,
        levels=None,
        max_parallelism=None,
        efficiency=None,
    )


def _named(view: TaskView, whole: Job, job: Job) -> TaskView:
    """Jobs of an array have no names of their own in a run: `sweep[3]`."""
    return replace(view, task=f"{whole.spec.task}[{job.spec.array_index}]")
