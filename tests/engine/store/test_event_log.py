"""What every store promises about finding events and counting them by time."""

import sqlite3
from collections import Counter
from functools import partial
from random import Random

import pytest

from engine.clock import ManualClock
from engine.model.event_filter import event_matches, parse_events
from engine.model.events import Event, EventType
from engine.model.filter import Query
from engine.model.ids import JobId, Seq
from engine.model.levels import PROBLEMS
from engine.store.event_log import EventDensity, EventSlice, EventWindow
from engine.store.protocol import Draft, Store
from engine.store.sqlite import event_density, event_log
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW, SECOND

KINDS = [
    EventType.JOB_STARTED,
    EventType.JOB_COMPLETED,
    EventType.JOB_COMPLETED,
    EventType.JOB_FAILED,
    EventType.JOB_RETRY,
    EventType.WORKER_DISCONNECTED,
    EventType.ATTEMPT_INTENT,
]
FILTERS = [
    "",
    "level>=warn",
    "level:err",
    "type:job.*",
    "level:err,debug",
    "job:3",
    "job:3 level:err",
    "worker:w1 -level:err",
    "since:5m",
    "until:10m level:warn",
    "since:20m until:3m cause:no",
    "space",
]


async def workload(store: Store, clock: ManualClock, chance: Random) -> list[Event]:
    """Some hundred events over half an hour; once the clock goes back."""
    author = Author(store, await store.take_over(NOW))
    for turn in range(120):
        if turn == 60:
            clock.jump(-130)
        clock.advance(chance.randrange(0, 30))
        drafts = [_draft(chance) for _ in range(chance.randrange(1, 6))]
        await author.write(author.unit(*drafts))
    return await store.events(Seq(0), 10_000)


def _draft(chance: Random) -> Draft:
    return Draft(
        type=chance.choice(KINDS),
        job=chance.choice([None, JobId(3), JobId(4)]),
        worker=chance.choice([None, "w1", "w2"]),
        cause=chance.choice(["", "no space left", "exit 1"]),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def store(clock: ManualClock, tmp_path):
    opened = await SqliteStore.open(tmp_path / "state" / "jobs.sqlite", clock)
    yield opened
    await opened.close()


async def _all(store: Store, query: Query, now_at: int, *, last: bool) -> list[Event]:
    """Everything that passes, page by page as a reader would ask."""
    found: list[Event] = []
    after, before = Seq(0), Seq(2**62)
    while True:
        window = EventWindow(
            query=query, after=after, before=before, last=last, limit=7, now_at=now_at
        )
        page: EventSlice = await store.find_events(window)
        found = [*page.events, *found] if last else [*found, *page.events]
        if page.is_whole:
            return found
        assert after < page.reached < before
        after, before = (after, page.reached) if last else (page.reached, before)


@pytest.mark.parametrize("scanned", [5, 100_000])
@pytest.mark.parametrize("last", [True, False])
async def test_pages_have_each_event_that_passes_once(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, scanned: int, last: bool
) -> None:
    monkeypatch.setattr(event_log, "SCANNED", scanned)
    log = await workload(store, clock, Random(scanned))
    for text in FILTERS:
        query = parse_events(text)
        wanted = [e for e in log if event_matches(query, e, clock.now())]
        assert await _all(store, query, clock.now(), last=last) == wanted, text


@pytest.mark.parametrize("bucket_s", [10, 30, 60, 600, 900])
async def test_buckets_are_what_a_recount_says(
    store: Store, clock: ManualClock, bucket_s: int
) -> None:
    log = await workload(store, clock, Random(bucket_s))
    for text in FILTERS:
        query = parse_events(text)
        asked_at = clock.now() - 40 * 60 * SECOND
        answer = await store.event_density(query, asked_at, bucket_s, 50, clock.now())
        assert answer.start_at <= asked_at < answer.start_at + answer.bucket_s * SECOND
        passing = [e for e in log if event_matches(query, e, clock.now())]
        assert _as_lists(answer) == _recount(answer, passing), text
        assert answer.counted_from_at is None


def _as_lists(answer: EventDensity) -> list[dict[EventType, int]]:
    return [dict(bucket) for bucket in answer.buckets]


def _recount(answer: EventDensity, log: list[Event]) -> list[dict[EventType, int]]:
    buckets: list[Counter[EventType]] = [Counter() for _ in answer.buckets]
    for event in log:
        place = (event.at - answer.start_at) // (answer.bucket_s * SECOND)
        if 0 <= place < len(buckets):
            buckets[place][event.type] += 1
    return [dict(bucket) for bucket in buckets]


async def test_a_count_that_would_take_long_says_since_when_it_counted(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_density, "COUNTED", 40)
    log = await workload(store, clock, Random(1))
    start_at = clock.now() - 3600 * SECOND
    answer = await store.event_density(parse_events("job:3"), start_at, 60, 70, clock.now())
    assert answer.counted_from_at == log[-40].at
    counted = sum(sum(bucket.values()) for bucket in answer.buckets)
    assert counted == sum(event.job == 3 for event in log[-40:])


async def test_very_many_buckets_become_wider(store: Store, clock: ManualClock) -> None:
    answer = await store.event_density(parse_events(""), NOW, 90, 100_000, NOW)
    assert answer.bucket_s == 600


async def test_the_span_of_all_that_happened(store: Store, clock: ManualClock) -> None:
    assert await store.event_span() is None
    log = await workload(store, clock, Random(2))
    span = await store.event_span()
    assert span is not None
    assert span[0] == min(e.at for e in log) // (10 * SECOND) * 10 * SECOND
    assert span[1] == (max(e.at for e in log) // (10 * SECOND) + 1) * 10 * SECOND


async def test_an_empty_log_has_nothing(store: Store) -> None:
    window = EventWindow(query=parse_events(""), after=Seq(0), before=Seq(2**62), limit=5)
    assert await store.find_events(window) == EventSlice(
        events=[], reached=Seq(0), is_whole=True
    )


def test_the_index_of_problems_has_all_of_them() -> None:
    assert event_log.INDEXED == PROBLEMS


async def test_problems_and_jobs_are_found_by_their_index(store: SqliteStore) -> None:
    for text, index in (("level:err", "events_of_problems"), ("job:3", "events_of_job")):
        route, names = event_log._route(parse_events(text))
        names |= {"after": 0, "before": 9}
        sql = f"SELECT * FROM events {route} AND seq > :after AND seq < :before"
        plan = partial(_plan, sql, names)
        assert index in await store._list(plan)


def _plan(sql: str, names: dict[str, object], db: sqlite3.Connection) -> str:
    return str(db.execute(f"EXPLAIN QUERY PLAN {sql} ORDER BY seq DESC", names).fetchall())
