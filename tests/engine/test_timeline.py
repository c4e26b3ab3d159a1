"""The timeline: every event, exactly once, in order, wherever a reader begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from engine import timeline as module
from engine.clock import ManualClock
from engine.model.events import Event, EventType
from engine.model.ids import Epoch, JobId, Seq
from engine.store.protocol import Draft, Unit
from engine.store.sqlite.store import SqliteStore
from engine.timeline import Timeline


class Log:
    """A real log and its timeline; `write` commits, `publish` tells."""

    def __init__(self, store: SqliteStore, epoch: Epoch, head: Seq) -> None:
        self.store, self.epoch = store, epoch
        self.timeline = Timeline(store, head)

    async def write(self, count: int) -> list[Event]:
        drafts = [Draft(type=EventType.JOB_EDITED, job=JobId(n % 3)) for n in range(count)]
        [written] = await self.store.write([Unit(epoch=self.epoch, events=drafts)])
        return list(written.events)  # type: ignore[union-attr]

    async def tell(self, count: int) -> None:
        self.timeline.publish(await self.write(count))


@pytest.fixture(autouse=True)
def _small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECENT", 16)
    monkeypatch.setattr(module, "PAGE", 5)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    store = await SqliteStore.open(tmp_path / "crabtui.db", ManualClock())
    yield Log(store, await store.take_over(0), Seq(0))
    await store.close()


async def take(log: Log, after: int, count: int, job: int | None = None) -> list[int]:
    """The next events of a new reader."""
    seqs: list[int] = []
    wanted = None if job is None else JobId(job)
    async with asyncio.timeout(60), aclosing(log.timeline.follow(Seq(after), wanted)) as events:
        async for event in events:
            seqs.append(event.seq)
            if len(seqs) == count:
                break
    return seqs


@pytest.mark.parametrize("after", [0, 1, 4, 5, 83, 84, 85, 99, 100])
async def test_a_reader_begins_anywhere_and_misses_nothing(log: Log, after: int) -> None:
    for _ in range(10):
        await log.tell(10)
    reading = asyncio.ensure_future(take(log, after, 107 - after))
    await log.tell(7)
    assert await reading == list(range(after + 1, 108))


async def test_after_a_restart_the_old_events_come_from_the_store(log: Log) -> None:
    await log.tell(30)
    log.timeline = Timeline(log.store, await log.store.head())
    seqs: list[int] = []
    async with asyncio.timeout(60), aclosing(log.timeline.follow(Seq(3))) as events:
        while len(seqs) < 27:
            seqs.append((await anext(events)).seq)
        coming = asyncio.ensure_future(anext(events))
        while log.timeline._grown._waiters == type(log.timeline._grown._waiters)():
            await log.store.head()  # until the reader has nothing left to read
        await log.tell(1)
        seqs.append((await coming).seq)
    assert seqs == list(range(4, 32))


async def test_a_slow_reader_falls_behind_and_still_gets_everything(log: Log) -> None:
    await log.tell(3)
    seqs: list[int] = []
    async with aclosing(log.timeline.follow(Seq(0))) as events:
        async for event in events:
            seqs.append(event.seq)
            if event.seq % 10 == 1 and event.seq < 100:
                await log.tell(25)  # more than is kept in memory, between two events
            if event.seq == log.timeline.head:
                break
    assert seqs == list(range(1, log.timeline.head + 1))


async def test_what_is_on_disk_and_not_told_yet_comes_once(log: Log) -> None:
    await log.tell(30)
    untold = await log.write(4)
    reading = asyncio.ensure_future(take(log, 2, 38))
    await asyncio.wait({reading}, timeout=0)
    log.timeline.publish(untold)
    await log.tell(6)
    assert await reading == list(range(3, 41))


async def test_one_jobs_events_are_told_apart(log: Log) -> None:
    for _ in range(10):
        await log.tell(9)
    assert await take(log, 0, 30, job=1) == list(range(2, 91, 3))


async def test_many_readers_at_once(log: Log) -> None:
    readers = [asyncio.ensure_future(take(log, after, 60 - after)) for after in range(0, 40, 3)]
    for _ in range(20):
        await log.tell(3)
    for after, reader in zip(range(0, 40, 3), readers, strict=True):
        assert await reader == list(range(after + 1, 61))


async def test_a_listener_hears_until_it_ends(log: Log) -> None:
    heard: list[int] = []
    stop = log.timeline.listen(lambda events: heard.extend(event.seq for event in events))
    await log.tell(2)
    log.timeline.publish([])
    stop()
    stop()
    await log.tell(2)
    assert heard == [1, 2]
    assert log.timeline.head == 4
