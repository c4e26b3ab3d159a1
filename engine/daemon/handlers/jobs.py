"""`jobs`: a window into a filtered, sorted list, with arrays folded or not."""

from collections.abc import Sequence

from engine.control.messages import ListJobs
from engine.control.views import JobRow, JobsPage
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import Moment, moment
from engine.daemon.pictures.reasoned import read_filter
from engine.daemon.pictures.rendering import rows, with_members
from engine.daemon.pictures.unfolding import unfolded_window
from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.job import Job
from engine.policy.arrays.composite import is_composite
from engine.store.moments import Reads
from engine.store.protocol import Page, Window

MOST = 1_000

MOST_UNFOLDED = 16


async def answer(desk: Desk, _: Caller, ask: ListJobs) -> JobsPage:
    """The rows asked for.

    Raises:
        InvalidSpec: a filter or sort that cannot be read, or no such moment.
    """
    if not 0 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: at most {MOST} rows at once", field="count")
    if len(ask.unfolded) > MOST_UNFOLDED:
        raise InvalidSpec(
            f"{len(ask.unfolded)} arrays: at most {MOST_UNFOLDED} unfolded at once",
            field="unfolded",
        )
    when = await moment(desk, ask.as_of)
    window = Window(
        query=read_filter(desk, ask.where, ask.as_of),
        sort=ask.sort,
        descending=ask.descending,
        at=ask.at,
        after=_id(ask.after),
        before=_id(ask.before),
        around=_id(ask.around),
        count=ask.count,
        is_folded=ask.fold,
        now_at=when.now_at,
    )
    page = await _page(when.reads, window, ask)
    more = page.offset + len(page.jobs) < page.total or not page.total_is_exact
    return JobsPage(
        jobs=await _rows(when, page.jobs),
        offset=page.offset,
        total=page.total,
        total_is_exact=page.total_is_exact,
        seq=page.seq,
        scan=page.scan,
        next=page.jobs[-1].id if page.jobs and more else None,
    )


async def _page(reads: Reads, window: Window, ask: ListJobs) -> Page:
    if not (ask.fold and ask.unfolded):
        return await reads.window(window)
    return await unfolded_window(reads, window, [JobId(one) for one in ask.unfolded])


async def _rows(when: Moment, jobs: Sequence[Job]) -> tuple[JobRow, ...]:
    found = rows(jobs, when.working_set)
    composites = [job.id for job in jobs if is_composite(job)]
    if not composites:
        return found
    counts = await when.reads.array_counts(composites)
    return tuple(
        [with_members(row, counts[JobId(row.id)]) if row.id in counts else row for row in found]
    )


def _id(given: int | None) -> JobId | None:
    return None if given is None else JobId(given)
