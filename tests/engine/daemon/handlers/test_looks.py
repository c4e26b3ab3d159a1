"""What clients may read: windows, details, logs, events, pulses, waits."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import Chunk
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.daemon.handlers import STREAMS
from engine.daemon.handlers.watch import NAMED, Changes
from engine.errors import InvalidSpec, NotFound
from engine.model.attempt import Attempt
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from engine.store.sqlite.store import SqliteStore
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine, listeners
from tests.kit.hosts import an_engine_with

TRUE: dict[str, Any] = {"argv": ["true"]}
HELD: dict[str, Any] = {**TRUE, "hold": True}


def stream(engine: Engine, request: Any) -> Any:
    return STREAMS[type(request)](engine.desk, engine.caller, request)


async def test_windows_page_through_a_filtered_list_without_gap_or_repeat(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(*[{**HELD, "queue": q} for q in "ab" * 15])
        seen: list[int] = []
        after = None
        while True:
            page: Any = await engine.ask(
                ask.ListJobs(where="queue:a", sort="id", after=after, count=4)
            )
            seen += [row.id for row in page.jobs]
            assert (page.total, page.total_is_exact) == (15, True)
            after = page.next
            if after is None:
                break
        assert seen == list(range(1, 31, 2))
        for bad in ({"count": 1001}, {"where": "queue:"}, {"sort": "colour"}, {"count": -1}):
            with pytest.raises(InvalidSpec):
                await engine.ask(ask.ListJobs(**bad))  # type: ignore[arg-type]


async def test_show_has_attempts_and_dependencies(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [first] = await engine.submit({**TRUE, "name": "one"})
        [job] = await engine.submit({**TRUE, "depends_on": [first]})
        engine.host.end(await engine.running(first), 0)
        await engine.running(job)
        shown: Any = await engine.ask(ask.ShowJob(id=job))
        assert shown.job.state == "running"
        assert [attempt.number for attempt in shown.attempts] == [1]
        assert [row.name for row in shown.depends_on] == ["one"]
        waiting = await engine.submit(*[{**TRUE, "depends_on": [job]}] * 3)
        shown = await engine.ask(ask.ShowJob(id=job))
        assert (shown.dependents, len(waiting)) == (3, 3)
        assert [row.id for row in shown.followers] == waiting
        before: Any = await engine.ask(ask.ShowJob(id=first))
        assert [(row.id, row.state) for row in before.followers] == [(job, "running")]
        with pytest.raises(NotFound, match="#99"):
            await engine.ask(ask.ShowJob(id=99))


async def test_show_tells_how_long_its_like_ran(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        named = {**TRUE, "name": "train"}
        for _ in range(3):
            [job] = await engine.submit(named)
            engine.host.end(await engine.running(job), 0)
            await engine.until(EventType.JOB_COMPLETED, job=job)
        [like] = await engine.submit(named)
        [other] = await engine.submit({**TRUE, "name": "other"})
        shown: Any = await engine.ask(ask.ShowJob(id=like))
        unknown: Any = await engine.ask(ask.ShowJob(id=other))
        assert shown.usual is not None
        assert shown.usual.runs == 3
        assert 0 <= shown.usual.p50_ms <= shown.usual.p90_ms
        assert unknown.usual is None


async def test_explain_names_what_is_in_the_way(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, head, behind, held = await engine.submit(TRUE, TRUE, TRUE, HELD)
        await engine.running(first)
        await engine.until(EventType.JOB_BLOCKED, job=head)

        async def closed(job: int) -> tuple[list[str], int | None]:
            answer: Any = await engine.ask(ask.Explain(id=job))
            return [gate.kind.value for gate in answer.gates if not gate.ok], answer.place

        assert await closed(head) == (["fit"], 1)
        kinds, place = await closed(behind)
        assert (kinds[0] in ("fit", "lane"), place) == (True, 2)
        assert (await closed(held))[0][0] == "hold"
        assert (await closed(first))[0][0] == "state"
        with pytest.raises(NotFound):
            await engine.ask(ask.Explain(id=99))


async def test_logs_are_read_in_pieces_and_from_the_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job, held] = await engine.submit(TRUE, HELD)
        attempt = await engine.running(job)
        engine.host.logs[attempt] = b"0123456789"

        async def read(**how: Any) -> Any:
            return await engine.ask(ask.ReadLog(id=job, **how))

        assert (await read(offset=2, limit=3)).data == b"234"
        tail = await read(offset=-4)
        assert (tail.data, tail.offset, tail.size, tail.final) == (b"6789", 6, 10, False)
        assert (await read(stream="err")).data == b""
        empty: Any = await engine.ask(ask.ReadLog(id=held))
        assert (empty.data, empty.attempt, empty.final) == (b"", "", False)
        engine.host.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
        assert (await read(attempt=1)).final
        for bad, error in (({"stream": "log"}, InvalidSpec), ({"attempt": 0}, NotFound)):
            with pytest.raises(error):
                await read(**bad)
        with pytest.raises(NotFound):
            await engine.ask(ask.ReadLog(id=99))


class Looked(SqliteStore):
    """A store that says when somebody has read which attempts there are."""

    looked = False

    async def attempts(self, job: JobId) -> list[Attempt]:
        attempts = await super().attempts(job)
        self.looked = True
        return attempts


async def test_a_log_is_followed_through_retries_to_the_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=Looked) as engine:
        [job] = await engine.submit(
            {**TRUE, "max_attempts": 2, "retry_backoff_ms": 1, "hold": True}
        )
        chunks: list[Any] = []

        async def follow() -> None:
            async for chunk in stream(engine, ask.FollowLog(id=job)):
                chunks.append(chunk)

        following = asyncio.ensure_future(follow())
        store = engine.desk.store
        assert isinstance(store, Looked)
        await when(lambda: store.looked)  # from here on it is asked for
        await engine.ask(ask.Release(targets=ask.Targets(ids=(job,))))
        first = await engine.running(job)
        engine.host.logs[first] = b"one"
        engine.host.end(first, 1)
        async with asyncio.timeout(60):
            while (second := (await engine.job(job)).now.attempt) in (None, first):
                await turns()
        assert second is not None
        engine.host.logs[second] = b"two"
        await engine.running(job)
        engine.host.end(second, 0)
        async with asyncio.timeout(60):
            await following
        assert b"".join(chunk.data for chunk in chunks) == b"onetwo"
        assert [chunk.attempt for chunk in chunks if chunk.data] == [first, second]
        assert chunks[-1].final


async def test_a_log_is_followed_from_the_newest_attempt_when_asked(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**TRUE, "max_attempts": 3, "retry_backoff_ms": 1})
        first = await engine.running(job)
        engine.host.logs[first] = b"one"
        engine.host.end(first, 1)
        await engine.until(EventType.JOB_RETRY, job=job)
        second = await engine.running(job)
        engine.host.logs[second] = b"two"
        chunks = stream(engine, ask.FollowLog(id=job))
        assert (await anext(chunks)).data == b"two"
        engine.host.end(second, 1)
        assert (await anext(chunks)).final
        async with asyncio.timeout(60):
            while (third := (await engine.job(job)).now.attempt) in (None, second):
                await turns()
        assert third is not None
        engine.host.logs[third] = b"three"
        await engine.running(job)
        engine.host.end(third, 0)
        assert b"".join([chunk.data async for chunk in chunks]) == b"three"


async def test_a_log_is_followed_through_the_silence_of_its_host(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        engine.host.logs[attempt] = b"one"
        chunks = stream(engine, ask.FollowLog(id=job))
        assert (await anext(chunks)).data == b"one"
        engine.host.cut()
        following = asyncio.ensure_future(anext(chunks))
        for _ in range(20):
            await turns()
        assert not following.done()
        engine.host.logs[attempt] = b"onetwo"
        engine.host.mend()
        async with asyncio.timeout(60):
            assert (await following).data == b"two"


async def test_a_silence_is_told_once_and_the_log_goes_on_at_the_byte(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        engine.host.logs[attempt] = b"one"
        chunks = stream(engine, ask.FollowLog(id=job))
        assert (await anext(chunks)).data == b"one"
        for round_ in ("two", "three"):
            following = asyncio.ensure_future(anext(chunks))
            engine.host.cut("no route")
            notice = await _as_time_passes(clock, following)
            assert notice.waits == "no link to `local` (no route); going on when it is back"
            assert (notice.data, notice.final) == (b"", False)
            following = asyncio.ensure_future(anext(chunks))
            for _ in range(100):
                clock.advance(1)
                await turns()
            assert not following.done()
            engine.host.logs[attempt] += round_.encode()
            engine.host.mend()
            assert (await _as_time_passes(clock, following)).data == round_.encode()
        engine.host.end(attempt, 0)
        rest = asyncio.ensure_future(anext(chunks))
        assert (await _as_time_passes(clock, rest)).final


async def test_the_log_of_an_ended_attempt_is_waited_for_a_minute_and_then_given_up(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        engine.host.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
        engine.host.cut("no route")
        chunks = stream(engine, ask.FollowLog(id=job))
        first = asyncio.ensure_future(anext(chunks))
        assert "going on when it is back" in (await _as_time_passes(clock, first)).waits
        began_s = clock.monotonic()
        last = await _as_time_passes(clock, asyncio.ensure_future(anext(chunks)))
        assert 55 < clock.monotonic() - began_s < 61
        assert last.final
        assert (
            last.waits
            == f"what attempt {attempt} wrote last is out of reach on `local`: no route"
        )
        assert [chunk async for chunk in chunks] == []


async def test_a_host_elsewhere_is_asked_less_and_less_for_a_log_that_does_not_grow(
    tmp_path: Path,
) -> None:
    clock, far = ManualClock(), Counted()
    async with an_engine_with(tmp_path, clock, far=far) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)
        following = asyncio.ensure_future(anext(stream(engine, ask.FollowLog(id=job))))
        for _ in range(200):
            clock.advance(0.1)
            await turns()
        assert 15 <= far.tails <= 30
        far.logs[next(iter(far.orders))] = b"more"
        assert (await _as_time_passes(clock, following)).data == b"more"


class Counted(FakeBackend):
    """Counts how often it is asked for a log."""

    tails = 0

    async def tail(self, *asked: Any) -> Chunk:
        self.tails += 1
        return await super().tail(*asked)


async def _as_time_passes(clock: ManualClock, chunk: "asyncio.Future[Any]") -> Any:
    async with asyncio.timeout(60):
        while not chunk.done():
            clock.advance(0.1)
            await turns()
    return await chunk


async def test_events_come_in_pages_and_as_they_grow(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(HELD)
        await engine.submit(*[HELD] * 20)
        page: Any = await engine.ask(ask.ListEvents(after=2, limit=5))
        assert [event.seq for event in page.events] == [3, 4, 5, 6, 7]
        assert page.head == engine.desk.timeline.head
        last: Any = await engine.ask(ask.ListEvents(last=True, limit=3))
        assert [event.seq for event in last.events] == [page.head - 2, page.head - 1, page.head]
        mine: Any = await engine.ask(ask.ListEvents(job=job))
        assert {event.job for event in mine.events} == {job}
        news = stream(engine, ask.FollowEvents())
        coming = asyncio.ensure_future(anext(news))
        await turns()
        await engine.ask(ask.Release(targets=ask.Targets(ids=(job,))))
        assert (await coming).type is EventType.JOB_RELEASED
        await news.aclose()


async def test_a_watcher_gets_a_pulse_at_once_merged_news_and_quiet_ones(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        pulses = stream(engine, ask.Watch(gap_ms=100, quiet_ms=1_000))
        first = await anext(pulses)
        assert first.jobs == ()
        jobs = await engine.submit(HELD, HELD, HELD)

        async def next_pulse() -> Any:
            coming = asyncio.ensure_future(anext(pulses))
            async with asyncio.timeout(60):
                while not coming.done():
                    clock.advance(0.1)
                    await turns()
            return coming.result()

        second = await next_pulse()
        assert second.jobs == tuple(jobs)
        assert second.by_state == {"queued": 3}
        before_s = clock.monotonic()
        quiet = await next_pulse()
        assert (quiet.jobs, quiet.many) == ((), False)
        assert clock.monotonic() - before_s >= 0.9
        await pulses.aclose()
        assert not listeners(engine)


def test_what_a_busy_watcher_misses_takes_bounded_room() -> None:
    changes = Changes()
    for number in range(50_000):
        event = Event(seq=Seq(number), at=0, type=EventType.JOB_EDITED, job=JobId(number))
        changes.hear([event])
    assert len(changes._jobs) <= NAMED + 1


async def test_wait_tells_how_each_ended(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        good, bad, held = await engine.submit(TRUE, TRUE, HELD)
        all_ = asyncio.ensure_future(engine.ask(ask.Wait(ids=(bad, good))))
        any_ = asyncio.ensure_future(engine.ask(ask.Wait(ids=(good, bad, held), any=True)))
        await turns()
        engine.host.end(await engine.running(bad), 3)
        first: Any = await any_
        assert [(one.id, one.state, one.exit_code) for one in first.finished] == [
            (bad, "failed", 3)
        ]
        assert first.unfinished == (good, held)
        assert not all_.done()
        engine.host.end(await engine.running(good), 0)
        both: Any = await all_
        assert [one.id for one in both.finished] == [bad, good]
        late: Any = await engine.ask(ask.Wait(ids=(good, held), timeout_ms=0))
        assert [one.id for one in late.finished] == [good]
        assert late.unfinished == (held,)
        assert not listeners(engine)
        for wrong in (ask.Wait(ids=(99,)), ask.Wait(ids=(99,), timeout_ms=0)):
            with pytest.raises(NotFound, match="#99"):
                await engine.ask(wrong)


async def test_wait_gives_up_in_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [held] = await engine.submit(HELD)
        waiting = asyncio.ensure_future(engine.ask(ask.Wait(ids=(held,), timeout_ms=5_000)))
        async with asyncio.timeout(60):
            while not waiting.done():
                clock.advance(1)
                await turns()
        answer: Any = waiting.result()
        assert answer.unfinished == (held,)


async def test_stats_and_check(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job, _] = await engine.submit(TRUE, HELD)
        await engine.running(job)
        stats: Any = await engine.ask(ask.GetStats())
        assert stats.jobs.by_state == {"queued": 1, "running": 1}
        [worker] = stats.workers
        assert (worker.slots_taken, stats.engine.live_attempts) == (1, 1)
        assert stats.engine.seq == engine.desk.timeline.head
        engine.desk.warnings["local"] = ("no linger",)
        checked: Any = await engine.ask(ask.Check())
        assert checked.problems == ("worker local: no linger",)


async def test_stats_show_workers_as_whole_as_their_own_list(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=2, gpus=2)) as engine:
        [job] = await engine.submit({**TRUE, "gpus": 1})
        await engine.running(job)
        await engine.ask(ask.SetWorker(name="local", drain=True))
        stats: Any = await engine.ask(ask.GetStats())
        listed: Any = await engine.ask(ask.ListWorkers())
        assert stats.workers == listed.workers
        assert stats.workers[0].waits_for == (job,)
