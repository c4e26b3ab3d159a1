"""`search_log`: the lines of one log that have something in them."""

from collections.abc import AsyncIterator

from engine.control.messages import SearchLog
from engine.control.views import LogFound
from engine.daemon.desk import Caller, Desk
from engine.daemon.logs.hunt import MOST_CONTEXT, Hunt, hunt
from engine.daemon.logs.sources import attempt_of, check_stream, job_of
from engine.model.log_pattern import parse_pattern

MOST = 100_000


async def stream(desk: Desk, _: Caller, ask: SearchLog) -> AsyncIterator[LogFound]:
    """Piece by piece; none for a job that has not started.

    Raises:
        InvalidSpec: the pattern cannot be searched for.
        NotFound: there is no such job or attempt.
        Unreachable: its host is silent.
    """
    check_stream(ask.stream)
    pattern = parse_pattern(ask.pattern) if ask.pattern else None
    attempt = await attempt_of(desk, await job_of(desk, ask.id), ask.attempt)
    if attempt is None:
        return
    asked = Hunt(
        attempt=attempt,
        stream=ask.stream,
        pattern=pattern,
        start=max(ask.start, 0),
        end=ask.end,
        backwards=ask.backwards,
        context=min(max(ask.context, 0), MOST_CONTEXT),
        texts=ask.texts,
        most=min(max(ask.most, 1), MOST),
    )
    async for piece in hunt(desk, asked):
        yield piece
