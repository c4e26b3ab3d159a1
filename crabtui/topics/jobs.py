"""Windows of jobs, and the whole story of one."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic, by_jobs
from engine.control.messages import Explain, ListEvents, ListJobs, Pulse, ShowJob
from engine.control.views import EventsPage, Explanation, JobDetail, JobsPage

INNER: Final = 20
"""Jobs of a composite job that its detail lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsAim:
    """The window of jobs that a table shows, and where it looks."""

    where: str = ""
    sort: str = "activity"
    descending: bool = False
    at: int = 0
    count: int = 60
    around: int | None = None
    """Id to find instead of `at`."""
    fold: bool = False
    """Members of arrays only of those in `unfolded`."""
    unfolded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStory:
    """Everything that the detail of one job shows, as of one moment."""

    detail: JobDetail
    why: Explanation
    events: EventsPage
    inner: JobsPage | None = None
    """Of a composite job: the first of its own jobs, those that need a look first."""


async def _window(feed: Calls, aim: JobsAim) -> JobsPage:
    return await feed.call(
        ListJobs(
            where=aim.where,
            sort=aim.sort,
            descending=aim.descending,
            count=aim.count,
            at=aim.at if aim.around is None else None,
            around=aim.around,
            fold=aim.fold,
            unfolded=aim.unfolded,
        )
    )


async def _story(feed: Calls, job: int) -> JobStory:
    detail = await feed.call(ShowJob(id=job))
    return JobStory(
        detail=detail,
        inner=await _inner(feed, detail) if detail.job.kind == "composite" else None,
        why=await feed.call(Explain(id=job)),
        events=await feed.call(ListEvents(job=job, last=True, limit=200)),
    )


async def _inner(feed: Calls, detail: JobDetail) -> JobsPage:
    field = "flow" if detail.array is None else "array"
    return await feed.call(ListJobs(where=f"{field}:{detail.job.id}", count=INNER, at=0))


def _is_in(pulse: Pulse, job: int) -> bool:
    return pulse.many or job in pulse.jobs


JOBS: Final = Topic[JobsAim, JobsPage](name="jobs", fetch=_window, stirred=by_jobs)
STORY: Final = Topic[int, JobStory](
    name="story", fetch=_story, stirred=_is_in, settle_s=0.08, tells_errors=True
)
"""Of the job with this id."""
