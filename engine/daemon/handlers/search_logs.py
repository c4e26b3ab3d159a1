"""`search_logs`: the logs of all jobs of a filter, on whatever host, within bounds."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from engine.control.messages import SearchLogs
from engine.control.views import LogHit, LogsFound, SearchTotal
from engine.daemon.desk import Caller, Desk
from engine.daemon.logs.hunt import MOST_CONTEXT, Hunt, hunt
from engine.daemon.logs.sources import STREAMS, begun_attempts
from engine.errors import EngineError, InvalidSpec, LinkRefused, Unreachable
from engine.model.attempt import Attempt
from engine.model.filter import Query, parse
from engine.model.job import Job
from engine.model.log_pattern import LogPattern, parse_pattern
from engine.model.redaction import run_text
from engine.store.protocol import Window

PAGE: Final = 100
AT_ONCE: Final = 8
"""Jobs whose logs are searched at the same time."""

MOST_EACH: Final = 1_000
MOST_JOBS: Final = 100_000
MOST_HITS: Final = 100_000
MOST_BYTES: Final = 2**40
MOST_MS: Final = 600_000


async def stream(desk: Desk, _: Caller, ask: SearchLogs) -> AsyncIterator[LogsFound]:
    """Each log in which something was found or that could not be read, then the total.

    Raises:
        InvalidSpec: the filter or the pattern cannot be read.
    """
    if ask.streams not in (*STREAMS, "both"):
        raise InvalidSpec(f"no streams {ask.streams!r}: out, err or both", field="streams")
    search = _Search(desk, ask, parse_pattern(ask.pattern))
    waiting = search.jobs_of(parse(ask.where))
    active: list[AsyncGenerator[LogsFound | None, None]] = []
    while search.ended_by != "hits":
        while (
            len(active) < AT_ONCE
            and not search.ended_by
            and (job := await anext(waiting, None)) is not None
        ):
            active.append(search.through(job))
        if not active:
            break
        steps = await _step(active)
        active = [one for one, (is_over, _) in zip(active, steps, strict=True) if not is_over]
        for found in search.within([found for _, found in steps if found is not None]):
            yield found
    for one in active:
        await one.aclose()
    await waiting.aclose()
    yield LogsFound(total=search.total())


async def _step(
    active: Sequence[AsyncGenerator[LogsFound | None, None]],
) -> list[tuple[bool, LogsFound | None]]:
    """The next of each, at the same time; and whether that was all of it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_next(one)) for one in active]
    return [task.result() for task in tasks]


async def _next(
    one: AsyncGenerator[LogsFound | None, None],
) -> tuple[bool, LogsFound | None]:
    try:
        return False, await anext(one)
    except StopAsyncIteration:
        return True, None


@dataclass(slots=True)
class _Source:
    """One log."""

    job: Job
    attempt: Attempt
    stream: str


@dataclass(slots=True)
class _Search:
    """How far it is, and what may still be done."""

    desk: Desk
    ask: SearchLogs
    pattern: LogPattern
    jobs: int = 0
    logs: int = 0
    bytes: int = 0
    hits: int = 0
    unread: int = 0
    ended_by: str = ""
    _matched: tuple[int, bool] = (0, True)
    _has_more_jobs: bool = False
    _until_s: float = field(init=False)
    _silent: dict[str, str] = field(default_factory=dict)
    """Workers that did not answer, and why: they are not asked again."""

    def __post_init__(self) -> None:
        most_ms = min(max(self.ask.most_ms, 0), MOST_MS)
        self._until_s = self.desk.clock.monotonic() + most_ms / 1_000

    async def jobs_of(self, query: Query) -> AsyncGenerator[Job, None]:
        """The jobs that match, live ones first, as far as the bound on jobs allows."""
        after = None
        while True:
            window = Window(
                query=query,
                sort="activity",
                after=after,
                count=PAGE,
                now_at=self.desk.clock.now(),
            )
            page = await self.desk.store.window(window)
            self._matched = (page.total, page.total_is_exact)
            for job in page.jobs:
                if self.jobs >= min(self.ask.most_jobs, MOST_JOBS):
                    self._has_more_jobs = True
                    return
                self.jobs += 1
                yield job
            if len(page.jobs) < PAGE:
                return
            after = page.jobs[-1].id

    def within(self, found: list[LogsFound]) -> list[LogsFound]:
        """As much as may be told of; whichever bound was come to is noted."""
        kept, room = [], min(self.ask.most_hits, MOST_HITS)
        for one in found:
            if one.trouble:
                self.unread += 1
            if self.hits + len(one.hits) > room:
                one = _first(one, room - self.hits)
                self.ended_by = self.ended_by or "hits"
            self.hits += len(one.hits)
            if one.hits or one.trouble:
                kept.append(one)
        if self.bytes >= min(self.ask.most_bytes, MOST_BYTES):
            self.ended_by = self.ended_by or "bytes"
        if self.desk.clock.monotonic() >= self._until_s:
            self.ended_by = self.ended_by or "time"
        return kept

    async def through(self, job: Job) -> AsyncGenerator[LogsFound | None, None]:
        """What is in each log of a job; None where another piece of one was looked at."""
        attempts = await begun_attempts(self.desk, job)
        chosen = attempts if self.ask.all_attempts else attempts[-1:]
        streams = STREAMS if self.ask.streams == "both" else (self.ask.streams,)
        for source in [_Source(job, one, stream) for one in chosen for stream in streams]:
            async for found in self._log(source):
                yield found

    async def _log(self, source: _Source) -> AsyncGenerator[LogsFound | None, None]:
        """A host that was silent once is not asked for the others."""
        worker = source.attempt.worker
        hits: list[LogHit] = []
        if worker in self._silent:
            yield _told(source, (), trouble=self._silent[worker])
            return
        try:
            async for _ in self._hunt(source, hits):
                yield None
        except (Unreachable, LinkRefused) as silence:
            self._silent[worker] = f"`{worker}` is out of reach: {silence}"
            yield _told(source, hits, trouble=self._silent[worker])
        except EngineError as error:
            yield _told(source, hits, trouble=str(error))
        else:
            yield _told(source, hits[: self._each], more=len(hits) > self._each)

    async def _hunt(self, source: _Source, hits: list[LogHit]) -> AsyncGenerator[None, None]:
        """Fill `hits`, piece by piece, until there are enough or a bound is come to."""
        asked = Hunt(
            attempt=source.attempt,
            stream=source.stream,
            pattern=self.pattern,
            context=min(max(self.ask.context, 0), MOST_CONTEXT),
            most=self._each + 1,
        )
        self.logs += 1
        lines = 0
        async for piece in hunt(self.desk, asked):
            hits += [replace(hit, before=hit.before + lines) for hit in piece.hits]
            lines += piece.lines
            self.bytes += piece.end - piece.start
            if self.bytes >= self.ask.most_bytes or self._is_late():
                return
            yield

    @property
    def _each(self) -> int:
        return min(max(self.ask.each, 1), MOST_EACH)

    def _is_late(self) -> bool:
        return self.desk.clock.monotonic() >= self._until_s

    def total(self) -> SearchTotal:
        """What was looked at, and what was not."""
        matched, exact = self._matched
        return SearchTotal(
            matched=matched,
            matched_is_exact=exact,
            jobs=self.jobs,
            logs=self.logs,
            bytes=self.bytes,
            hits=self.hits,
            unread=self.unread,
            ended_by=self.ended_by or "jobs" * self._has_more_jobs,
        )


def _told(
    source: _Source, hits: Sequence[LogHit], *, more: bool = False, trouble: str = ""
) -> LogsFound:
    return LogsFound(
        job=source.job.id,
        name=source.job.spec.name or run_text(source.job.spec)[:60],
        attempt=source.attempt.id,
        number=source.attempt.number,
        stream=source.stream,
        worker=source.attempt.worker,
        hits=tuple(hits),
        more=more,
        trouble=trouble,
    )


def _first(found: LogsFound, count: int) -> LogsFound:
    """The same with only its first hits."""
    return replace(found, hits=found.hits[: max(count, 0)], more=True)
