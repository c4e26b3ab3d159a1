"""`search_logs`: the logs of all jobs of a filter, on whatever host, within bounds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from engine.control.messages import SearchLogs
from engine.control.views import LogHit, LogsFound, SearchTotal
from engine.daemon.desk import Caller, Desk
from engine.daemon.log_hunt import MOST_CONTEXT, Hunt, hunt
from engine.daemon.log_sources import STREAMS, begun_attempts
from engine.errors import EngineError, InvalidSpec, LinkRefused, Unreachable
from engine.model.attempt import Attempt
from engine.model.filter import parse
from engine.model.job import Job
from engine.model.log_pattern import LogPattern, parse_pattern
from engine.store.protocol import Page, Window

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
    query, after = parse(ask.where), None
    while not search.ended_by:
        window = Window(
            query=query, sort="activity", after=after, count=PAGE, now_at=desk.clock.now()
        )
        page = await desk.store.window(window)
        search.matches(page)
        for start in range(0, len(page.jobs), AT_ONCE):
            for found in await search.through(page.jobs[start : start + AT_ONCE]):
                yield found
            if search.ended_by:
                break
        if len(page.jobs) < PAGE:
            break
        after = page.jobs[-1].id
    yield LogsFound(total=search.total())


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
    _until_s: float = field(init=False)
    _silent: dict[str, str] = field(default_factory=dict)
    """Workers that did not answer, and why: they are not asked again."""

    def __post_init__(self) -> None:
        most_ms = min(max(self.ask.most_ms, 0), MOST_MS)
        self._until_s = self.desk.clock.monotonic() + most_ms / 1_000

    def matches(self, page: Page) -> None:
        """Know how many jobs there are."""
        self._matched = (page.total, page.total_is_exact)

    async def through(self, jobs: Sequence[Job]) -> list[LogsFound]:
        """What is in the logs of these, as far as the bounds allow; in their order."""
        room = min(self.ask.most_jobs, MOST_JOBS) - self.jobs
        if len(jobs) > room:
            jobs, self.ended_by = jobs[: max(room, 0)], "jobs"
        self.jobs += len(jobs)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._job(job)) for job in jobs]
        found = [one for task in tasks for one in task.result()]
        return self._within(found)

    def _within(self, found: list[LogsFound]) -> list[LogsFound]:
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

    async def _job(self, job: Job) -> list[LogsFound]:
        attempts = await begun_attempts(self.desk, job)
        chosen = attempts if self.ask.all_attempts else attempts[-1:]
        streams = STREAMS if self.ask.streams == "both" else (self.ask.streams,)
        sources = [_Source(job, one, stream) for one in chosen for stream in streams]
        return [await self._log(source) for source in sources]

    async def _log(self, source: _Source) -> LogsFound:
        """What is in one log; a host that was silent once is not asked for the others."""
        worker = source.attempt.worker
        if worker in self._silent:
            return _told(source, (), trouble=self._silent[worker])
        hits: list[LogHit] = []
        try:
            is_cut = await self._hunt(source, hits)
        except (Unreachable, LinkRefused) as silence:
            self._silent[worker] = f"`{worker}` is out of reach: {silence}"
            return _told(source, hits, trouble=self._silent[worker])
        except EngineError as error:
            return _told(source, hits, trouble=str(error))
        each = self._each
        return _told(source, hits[:each], more=is_cut or len(hits) > each)

    async def _hunt(self, source: _Source, hits: list[LogHit]) -> bool:
        """Fill `hits`; whether there may be more than were looked for."""
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
                return piece.end < piece.size
        return False

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
            ended_by=self.ended_by,
        )


def _told(
    source: _Source, hits: Sequence[LogHit], *, more: bool = False, trouble: str = ""
) -> LogsFound:
    return LogsFound(
        job=source.job.id,
        name=source.job.spec.name or source.job.spec.command.text[:60],
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
