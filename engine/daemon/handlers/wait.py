"""`wait`: an answer once jobs have ended."""

from collections.abc import Sequence
from typing import Final

from engine.control.messages import Wait
from engine.control.views import Finished, Waited
from engine.daemon.desk import Caller, Desk
from engine.daemon.pictures.rendering import trouble
from engine.errors import InvalidSpec, NotFound
from engine.model.events import Event, EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL
from engine.wake import Wake

MOST = 100_000

GOES_ON: Final = frozenset(
    {EventType.JOB_QUEUED, EventType.ATTEMPT_INTENT, EventType.JOB_STARTED}
)
"""What every job goes through that is not an end: nobody looks at it because of that."""


async def answer(desk: Desk, _: Caller, ask: Wait) -> Waited:
    """Which jobs ended how, once all have, or the first, or the time is over.

    Raises:
        NotFound: one of them does not exist.
        InvalidSpec: more than 100 000 at once.
    """
    if len(ask.ids) > MOST:
        raise InvalidSpec(f"{len(ask.ids)} jobs: at most {MOST} at once", field="ids")
    waiting = {JobId(id_) for id_ in ask.ids}
    news: set[JobId] = set(waiting)
    wake = Wake()
    wake.knock()

    def hear(events: Sequence[Event]) -> None:
        heard = {
            event.job for event in events if event.job in waiting and event.type not in GOES_ON
        }
        if heard:
            news.update(job for job in heard if job is not None)
            wake.knock()

    stop = desk.timeline.listen(hear)
    try:
        finished = await _collect(desk, ask, waiting, news, wake)
    finally:
        stop()
    order = {id_: place for place, id_ in enumerate(ask.ids)}
    finished.sort(key=lambda one: order[one.id])
    return Waited(finished=tuple(finished), unfinished=tuple(sorted(waiting)))


async def _collect(
    desk: Desk, ask: Wait, waiting: set[JobId], news: set[JobId], wake: Wake
) -> list[Finished]:
    ends_s = None if ask.timeout_ms is None else ask.timeout_ms / 1000 + desk.clock.monotonic()
    finished: list[Finished] = []
    while waiting and not (ask.any and finished):
        if not await _wake_before(desk, wake, ends_s):
            break
        look, news_now = sorted(news & waiting), set(news)
        news -= news_now
        jobs = await desk.store.jobs(look)
        if len(jobs) < len(look):
            missing = sorted(set(look) - {job.id for job in jobs})
            raise NotFound(f"there is no job #{missing[0]}", field="ids")
        for job in jobs:
            if job.now.state in FINAL:
                waiting.discard(job.id)
                finished.append(_finished(job))
    return finished


async def _wake_before(desk: Desk, wake: Wake, ends_s: float | None) -> bool:
    if ends_s is None:
        await wake.wait()
        return True
    return await wake.wait_at_most(desk.clock, ends_s - desk.clock.monotonic())


def _finished(job: Job) -> Finished:
    now = job.now
    return Finished(
        id=job.id,
        state=now.state.value,
        exit_code=now.exit_code,
        signal=now.signal,
        error=trouble(now.trouble),
    )
