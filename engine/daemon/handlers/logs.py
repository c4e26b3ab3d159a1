"""`logs`: bytes of an attempt's output, once or as they come."""

from collections.abc import AsyncIterator

from engine.control.messages import FollowLog, ReadLog
from engine.control.views import LogChunk
from engine.daemon.desk import Caller, Desk
from engine.daemon.logs.silence import Silence
from engine.daemon.logs.sources import attempt_of, backend_of, check_stream, is_live, job_of
from engine.errors import EngineError, LinkRefused, Unreachable
from engine.model.attempt import Attempt
from engine.model.link import LinkState
from engine.model.states import FINAL
from engine.policy.why.conditions import seconds

MOST_BYTES = 256 * 1024
LOOK_AGAIN_S = 0.1
"""How often a log that is being followed is looked at while its job runs."""

LOOK_ELSEWHERE_S = 1.0
"""The same where its host is at the end of a link, and nothing new has come for a while."""


async def answer(desk: Desk, _: Caller, ask: ReadLog) -> LogChunk:
    """A piece of a log; empty for a job that has not started.

    Raises:
        NotFound: there is no such job or attempt.
        Unreachable: its host is silent.
    """
    check_stream(ask.stream)
    job = await job_of(desk, ask.id)
    attempt = await attempt_of(desk, job, ask.attempt)
    if attempt is None:
        return LogChunk(
            data=b"", offset=0, size=0, dropped=0, attempt="", final=job.now.state in FINAL
        )
    try:
        return await _read(desk, attempt, ask.stream, ask.offset, ask.limit)
    except (Unreachable, LinkRefused) as silence:
        raise _out_of_reach(desk, attempt.worker, silence) from silence


def _out_of_reach(desk: Desk, worker: str, silence: EngineError) -> EngineError:
    """In `details`, of a host that is lost, for how long nothing was heard: `unheard_s`."""
    link = desk.working_set.links.get(worker)
    if link is None or link.state not in (LinkState.LOST, LinkState.REFUSED):
        return type(silence)(f"no link to `{worker}`: {silence}")
    passed = desk.clock.now() - link.since_at
    return type(silence)(
        f"`{worker}` is out of reach since {seconds(passed)} ({silence}); "
        "`crabtui logs -f` waits for it",
        details={"unheard_s": passed / 1_000_000},
    )


async def follow(desk: Desk, _: Caller, ask: FollowLog) -> AsyncIterator[LogChunk]:
    """A log from `offset` on, as it grows; of one attempt, or of all that follow.

    A host that is silent is waited for, as its jobs are.
    """
    check_stream(ask.stream)
    number, offset = ask.attempt, ask.offset
    while True:
        job = await job_of(desk, ask.id)
        attempt = await attempt_of(desk, job, number)
        if attempt is not None:
            async for chunk in _follow_attempt(desk, attempt, ask.stream, offset):
                yield chunk
            number, offset = attempt.number + 1, 0
            if ask.attempt is not None:
                return
            job = await job_of(desk, ask.id)
        elif number is None:
            number = job.now.attempts + 1  # the first of all that follow, however short
        if job.now.state in FINAL and (attempt is None or job.now.attempts < (number or 1)):
            return
        await desk.clock.sleep(LOOK_AGAIN_S)


async def _follow_attempt(
    desk: Desk, attempt: Attempt, stream: str, offset: int
) -> AsyncIterator[LogChunk]:
    silence, pace_s = Silence(desk, attempt), LOOK_AGAIN_S
    while True:
        try:
            chunk = await _read(desk, attempt, stream, offset, MOST_BYTES)
        except (Unreachable, LinkRefused) as error:
            notice = silence.goes_on(error)
            if notice is not None:
                yield notice
                if notice.final:
                    return
            await desk.clock.sleep(LOOK_AGAIN_S)
            continue
        silence.ends()
        offset = chunk.offset + len(chunk.data)
        is_last = chunk.final and offset >= chunk.size
        if chunk.data or is_last:
            yield chunk
        if is_last:
            return
        pace_s = LOOK_AGAIN_S if chunk.data else min(2 * pace_s, _slowest_s(desk, attempt))
        if not chunk.data:
            await _rest(desk, attempt, pace_s)


def _slowest_s(desk: Desk, attempt: Attempt) -> float:
    """How seldom a log that does not grow is looked at: each look asks a host elsewhere."""
    worker = desk.working_set.workers.get(attempt.worker)
    return LOOK_ELSEWHERE_S if worker is not None and worker.way else LOOK_AGAIN_S


async def _rest(desk: Desk, attempt: Attempt, pace_s: float) -> None:
    """Sleep for so long, or until the attempt has ended."""
    until_s = desk.clock.monotonic() + pace_s
    lives = desk.working_set.live.by_attempt
    await desk.clock.sleep(LOOK_AGAIN_S)
    while attempt.id in lives and desk.clock.monotonic() < until_s:
        await desk.clock.sleep(LOOK_AGAIN_S)


async def _read(desk: Desk, attempt: Attempt, stream: str, offset: int, limit: int) -> LogChunk:
    """A piece; whether it is the last is found out before it is read, so that it is true."""
    is_over = not is_live(desk, attempt)
    backend = backend_of(desk, attempt)
    limit = max(0, min(limit, MOST_BYTES))
    chunk = await backend.tail(attempt.id, stream, offset, limit)
    return LogChunk(
        data=chunk.data,
        offset=chunk.offset,
        size=chunk.size,
        dropped=chunk.dropped,
        attempt=attempt.id,
        final=is_over,
    )
