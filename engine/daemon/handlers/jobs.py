"""`jobs`: a window into a filtered, sorted list."""

from engine.control.messages import ListJobs
from engine.control.views import JobsPage
from engine.daemon.desk import Caller, Desk
from engine.daemon.rendering import rows
from engine.errors import InvalidSpec
from engine.model.filter import parse
from engine.model.ids import JobId
from engine.store.protocol import Window

MOST = 1_000


async def answer(desk: Desk, _: Caller, ask: ListJobs) -> JobsPage:
    """The rows asked for. Raises: InvalidSpec for a filter or sort that cannot be read."""
    if not 0 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: at most {MOST} rows at once", field="count")
    page = await desk.store.window(
        Window(
            query=parse(ask.where),
            sort=ask.sort,
            descending=ask.descending,
            at=ask.at,
            after=_id(ask.after),
            before=_id(ask.before),
            around=_id(ask.around),
            count=ask.count,
            now_at=desk.clock.now(),
        )
    )
    more = page.offset + len(page.jobs) < page.total or not page.total_is_exact
    return JobsPage(
        jobs=rows(page.jobs, desk.working_set),
        offset=page.offset,
        total=page.total,
        total_is_exact=page.total_is_exact,
        seq=page.seq,
        next=page.jobs[-1].id if page.jobs and more else None,
    )


def _id(given: int | None) -> JobId | None:
    return None if given is None else JobId(given)
