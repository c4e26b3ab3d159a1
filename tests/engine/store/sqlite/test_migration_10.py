"""A database of before the past was kept: it begins with the event at which it was migrated."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.model.events import EventType
from engine.model.ids import Seq
from engine.model.worker import Queue, Worker
from engine.store.protocol import Unit, WorkerMove, Written
from engine.store.sqlite import checkpoints, group, migrating
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author, told
from tests.kit.build import NOW, a_worker

BEFORE = 9


async def _write(author: Author, queue: Queue, was: int, worker: Worker, had: int) -> Seq:
    unit: Unit = author.unit(
        told(None, EventType.QUEUE_LIMITED),
        queues=[(was, queue)],
        workers=[WorkerMove(name=worker.name, was_version=had, now=worker)],
    )
    answer = await author.write(unit)
    assert isinstance(answer, Written), answer
    return answer.events[-1].seq


async def _old(path: Path, patched: pytest.MonkeyPatch) -> Seq:
    """A database of that schema, written by a program that kept no past."""
    known = migrating.steps()
    patched.setattr(migrating, "steps", lambda: known[:BEFORE])
    patched.setattr(group, "PUT_PLACE", "SELECT ?, ?, ?, ?")
    patched.setattr(checkpoints, "EVERY", 1 << 40)
    store = await SqliteStore.open(path, ManualClock(NOW))
    try:
        author = Author(store, await store.take_over(NOW))
        await author.submit(queue="q")
        return await _write(author, Queue(name="q", limit=1, own=("limit",)), 0, a_worker(), 0)
    finally:
        await store.close()


async def test_the_past_begins_where_it_was_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "jobs.sqlite"
    with monkeypatch.context() as patched:
        head = await _old(path, patched)
    store = await SqliteStore.open(path, ManualClock(NOW + 5))
    try:
        assert await store.horizon() == head
        assert await store.moment_at(NOW + 1) == head
        [queue], [worker], counts = (
            await store.queues(),
            await store.workers(),
            await store.counts(),
        )
        author = Author(store, await store.take_over(NOW))
        await author.submit(queue="q")
        await _write(author, replace(queue, limit=7), queue.version, worker, worker.version)
        past = store.at(head)
        assert await past.queues() == [queue]
        assert await past.workers() == [worker]
        assert await past.counts() == counts
        assert [one.limit for one in await store.queues()] == [7]
    finally:
        await store.close()
