"""`logs`: bytes of an attempt's output, once or as they come."""

from collections.abc import AsyncIterator

from engine.control.messages import FollowLog, ReadLog
from engine.control.views import LogChunk
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotFound, Unreachable
from engine.model.attempt import Attempt
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL, Phase

MOST_BYTES = 256 * 1024
STREAMS = ("out", "err")
LOOK_AGAIN_S = 0.1
"""How often a log that is being followed is looked at while its job runs."""

MOST_SILENCE_S = 60.0
"""For the log of an attempt that has ended; one that may still run is waited for."""


async def answer(desk: Desk, _: Caller, ask: ReadLog) -> LogChunk:
    """A piece of a log; empty for a job that has not started. Raises: NotFound."""
    _check_stream(ask.stream)
    job = await _job(desk, ask.id)
    attempt = await _attempt(desk, job, ask.attempt)
    if attempt is None:
        return LogChunk(
            data=b"", offset=0, size=0, dropped=0, attempt="", final=job.now.state in FINAL
        )
    return await _read(desk, attempt, ask.stream, ask.offset, ask.limit)


async def follow(desk: Desk, _: Caller, ask: FollowLog) -> AsyncIterator[LogChunk]:
    """A log from `offset` on, as it grows; of one attempt, or of all that follow.

    A host that is silent is waited for, as its jobs are.
    """
    _check_stream(ask.stream)
    number, offset = ask.attempt, ask.offset
    while True:
        job = await _job(desk, ask.id)
        attempt = await _attempt(desk, job, number)
        if attempt is not None:
            async for chunk in _follow_attempt(desk, attempt, ask.stream, offset):
                yield chunk
            number, offset = attempt.number + 1, 0
            if ask.attempt is not None:
                return
            job = await _job(desk, ask.id)
        elif number is None:
            number = job.now.attempts + 1  # the first of all that follow, however short
        if job.now.state in FINAL and (attempt is None or job.now.attempts < (number or 1)):
            return
        await desk.clock.sleep(LOOK_AGAIN_S)


async def _follow_attempt(
    desk: Desk, attempt: Attempt, stream: str, offset: int
) -> AsyncIterator[LogChunk]:
    while True:
        chunk = await _read_when_it_answers(desk, attempt, stream, offset)
        offset = chunk.offset + len(chunk.data)
        if chunk.data or (chunk.final and offset >= chunk.size):
            yield chunk
        if chunk.final and offset >= chunk.size:
            return
        if not chunk.data:
            await desk.clock.sleep(LOOK_AGAIN_S)


async def _read_when_it_answers(
    desk: Desk, attempt: Attempt, stream: str, offset: int
) -> LogChunk:
    began_s = desk.clock.monotonic()
    while True:
        try:
            return await _read(desk, attempt, stream, offset, MOST_BYTES)
        except Unreachable:
            is_over = attempt.id not in desk.working_set.live.by_attempt
            if is_over and desk.clock.monotonic() - began_s > MOST_SILENCE_S:
                raise
        await desk.clock.sleep(LOOK_AGAIN_S)


async def _read(desk: Desk, attempt: Attempt, stream: str, offset: int, limit: int) -> LogChunk:
    """A piece; whether it is the last is found out before it is read, so that it is true."""
    is_over = attempt.id not in desk.working_set.live.by_attempt
    backend = desk.backends.get(attempt.worker)
    if backend is None:
        raise NotFound(f"worker {attempt.worker!r}, which has the log, is not known any more")
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


async def _attempt(desk: Desk, job: Job, number: int | None) -> Attempt | None:
    """The attempt with this number, or the newest that was begun; None if not yet."""
    attempts = [
        attempt
        for attempt in await desk.store.attempts(job.id)
        if attempt.phase is not Phase.INTENT
    ]
    if number is None:
        return attempts[-1] if attempts else None
    found = next((attempt for attempt in attempts if attempt.number == number), None)
    if found is None and number < job.now.attempts:
        raise NotFound(f"#{job.id} has no attempt {number}", field="attempt")
    return found


async def _job(desk: Desk, given: int) -> Job:
    job = await desk.store.job(JobId(given))
    if job is None:
        raise NotFound(f"there is no job #{given}", field="id")
    return job


def _check_stream(stream: str) -> None:
    if stream not in STREAMS:
        raise InvalidSpec(f"no stream {stream!r}: out or err", field="stream")
