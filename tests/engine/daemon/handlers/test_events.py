"""The event log as clients may read it: filters, how far was looked, counts over time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.daemon.handlers import STREAMS
from engine.errors import InvalidSpec
from engine.model.events import Event
from engine.model.states import State
from engine.store.event_log import bucket_width_s
from engine.store.sqlite import event_log
from tests.kit.engine import Engine, an_engine

HELD: dict[str, Any] = {"argv": ["true"], "hold": True}
FAILS: dict[str, Any] = {"argv": ["false"]}


async def _with_a_failure(engine: Engine) -> int:
    """A job that failed, between others that wait."""
    await engine.submit(HELD)
    [failing] = await engine.submit(FAILS)
    engine.host.end(await engine.running(failing), 3)
    await engine.until_state(failing, State.FAILED)
    await engine.submit(HELD)
    return failing


async def test_only_what_passes_the_filter_is_answered(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        failing = await _with_a_failure(engine)
        page: Any = await engine.ask(ask.ListEvents(where="level:err"))
        assert [(e.type, e.job) for e in page.events] == [("job.failed", failing)]
        assert page.is_whole
        assert page.reached == page.head
        page = await engine.ask(ask.ListEvents(where="type:submitted", last=True, limit=1))
        assert [e.job for e in page.events] == [failing + 1]
        assert not page.is_whole
        page = await engine.ask(
            ask.ListEvents(where="type:submitted", last=True, before=page.reached)
        )
        assert [e.job for e in page.events] == [failing - 1, failing]
        assert page.is_whole


async def test_a_job_and_a_filter_both_hold(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        failing = await _with_a_failure(engine)
        where = "type:submitted | type:failed"
        page: Any = await engine.ask(ask.ListEvents(where=where, job=failing))
        assert [e.type for e in page.events] == ["job.submitted", "job.failed"]


async def test_what_the_log_had_at_an_instant(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await _with_a_failure(engine)
        log: Any = await engine.ask(ask.ListEvents())
        some = log.events[len(log.events) // 2]
        page: Any = await engine.ask(ask.ListEvents(until_at=some.at, last=True))
        assert page.events == tuple(e for e in log.events if e.at <= some.at)
        page = await engine.ask(ask.ListEvents(until_at=log.events[0].at - 1))
        assert (page.events, page.is_whole) == ((), True)


async def test_a_long_look_says_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "SCANNED", 2)
    async with an_engine(tmp_path) as engine:
        failing = await _with_a_failure(engine)
        page: Any = await engine.ask(ask.ListEvents(where=f"cause:x job:{failing + 5}"))
        assert (page.events, page.is_whole) == ((), True)
        page = await engine.ask(ask.ListEvents(where="cause:nowhere", last=True))
        assert (page.events, page.is_whole) == ((), False)
        assert page.reached == page.head - 1


async def test_what_follows_is_filtered_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        request = ask.FollowEvents(after=0, where="level>=warn")
        news = STREAMS[ask.FollowEvents](engine.desk, engine.caller, request)
        waiting: asyncio.Future[Event] = asyncio.ensure_future(anext(news))  # type: ignore[arg-type]
        failing = await _with_a_failure(engine)
        assert (await waiting).job == failing
        await news.aclose()  # type: ignore[attr-defined]


async def test_counts_are_by_level_and_buckets_stay_where_they_are(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await _with_a_failure(engine)
        counted: Any = await engine.ask(ask.CountEvents(bucket_s=25, buckets=4))
        assert counted.bucket_s == 30
        assert counted.start_at % 30_000_000 == 0
        end_at = counted.start_at + 4 * 30_000_000
        assert end_at - 30_000_000 <= engine.desk.clock.now() < end_at
        assert counted.err == (0, 0, 0, 1)
        assert sum(map(sum, (counted.err, counted.warn, counted.info, counted.debug))) == (
            counted.head
        )
        assert counted.first_at is not None
        past: Any = await engine.ask(ask.CountEvents(end_at=end_at + 59_000_000, buckets=4))
        assert past.err == (0, 1, 0, 0)
        only: Any = await engine.ask(ask.CountEvents(where="level:err cause:none"))
        assert sum(map(sum, (only.err, only.warn, only.info, only.debug))) == 0


async def test_a_filter_that_is_none_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for request in (
            ask.ListEvents(where="levl:err"),
            ask.CountEvents(where="levl:err"),
        ):
            with pytest.raises(InvalidSpec) as refused:
                await engine.ask(request)
            assert refused.value.nearest == "level"


def test_buckets_are_as_wide_as_can_be_counted_fast() -> None:
    assert [bucket_width_s(wanted, 60) for wanted in (1, 10, 25, 600)] == [10, 10, 30, 600]
    assert bucket_width_s(90, 60) == 90
    assert bucket_width_s(90, 5_000) == 600
    assert bucket_width_s(3_700, 60) == 4_200
