"""What a job left, and what it was given: artifacts, results, parameters."""

from typing import Final

from crabtui.data.job.job_context import JobContext
from crabtui.topics.topic import Calls, Topic, by_jobs
from engine.control.messages import ListArtifacts, ReadResult, ShowJob, ShowWorkflow
from engine.control.views import ArtifactsView, FlowView
from engine.errors import NotFound

MOST_NEEDED: Final = 20
"""Jobs whose results are read."""


async def _artifacts(feed: Calls, job: int) -> ArtifactsView:
    return await feed.call(ListArtifacts(job=job))


async def _context(feed: Calls, job: int) -> JobContext:
    detail = await feed.call(ShowJob(id=job))
    flow = await _flow(feed, detail.job.flow or job)
    root = flow if flow is None or flow.root == flow.id else await _flow(feed, flow.root)
    needed = [
        (row, await feed.call(ReadResult(id=row.id))) for row in detail.depends_on[:MOST_NEEDED]
    ]
    own = await feed.call(ReadResult(id=job))
    return JobContext(
        job=job,
        flow=flow,
        task=detail.job.task,
        params={**(root.params if root else {}), **detail.job.params},
        needed=tuple(needed),
        hidden=max(len(detail.depends_on) - MOST_NEEDED, 0),
        own=own,
    )


async def _flow(feed: Calls, run: int) -> FlowView | None:
    try:
        return (await feed.call(ShowWorkflow(id=run, limit=1))).flow
    except NotFound:
        return None


ARTIFACTS: Final = Topic[int, ArtifactsView](
    name="artifacts", fetch=_artifacts, stirred=by_jobs, gap_s=2.0, tells_errors=True
)
"""Of the job with this id."""
CONTEXT: Final = Topic[int, JobContext](
    name="context", fetch=_context, stirred=by_jobs, gap_s=2.0, tells_errors=True
)
"""Of the job with this id."""
