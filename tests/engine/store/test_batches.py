"""A batch is seen by nobody until it is committed, and then by everybody."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from msgspec.structs import replace

from engine.errors import EngineError, KeyTaken, NotFound, StaleEpoch
from engine.model.filter import EMPTY
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.model.states import State
from engine.store.protocol import Count, Store, Unit, Window
from tests.engine.store.author import Author, new_of
from tests.kit.build import NOW, a_job


async def _jobs(author: Author, count: int, **fields: object) -> list[Job]:
    first = await author.store.reserve_ids(count)
    return [a_job(id=first + number, **fields) for number in range(count)]


async def test_an_open_batch_is_seen_by_no_read(author: Author) -> None:
    before = await author.submit()
    jobs = await _jobs(author, 3)
    jobs[1] = jobs[1].with_progress(
        replace(jobs[1].now, state=State.RETRYING, wake_at=NOW, unmet=0)
    )
    await author.add_batch(*jobs)
    after = await author.submit()
    other = await author.submit(queue="other")

    lane = LaneKey("default", Priority.NORMAL, "default", before.shape)
    page = await author.store.window(Window(query=EMPTY, sort="id"))
    assert list(page.jobs) == [before, after, other]
    assert page.total == 3
    assert await author.store.matching(EMPTY, NOW, 9) == [before.id, after.id, other.id]
    assert await author.store.lane(lane, JobId(0), 9) == [before, after]
    assert await author.store.lane(lane, before.id, 1) == [after]
    assert await author.store.job(jobs[0].id) is None
    assert await author.store.due(NOW, 9) == []
    assert await author.store.next_due_at() is None
    assert sum(count.number for count in await author.store.counts()) == 3
    assert await author.store.check() == []


async def test_a_lane_that_only_an_open_batch_has_is_not_there(author: Author) -> None:
    await author.add_batch(*await _jobs(author, 2))
    assert await author.store.lanes() == []


async def test_a_committed_batch_is_seen_whole(author: Author) -> None:
    jobs = await _jobs(author, 450)
    first, last = await author.add_batch(*jobs)
    written = await author.store.commit_batch(first, author.batch_unit(first, last))
    assert [event.seq for event in written.events] == [1]
    page = await author.store.window(Window(query=EMPTY, sort="id", count=1000))
    assert [job.id for job in page.jobs] == [job.id for job in jobs]
    assert await author.store.counts() == [Count("default", "default", 2, "queued", 450)]
    assert await author.store.check() == []
    moved = await author.move(await author.job(jobs[7].id), note="moves like any other")
    assert moved.now.version == 2


async def test_a_dropped_batch_leaves_no_trace(author: Author) -> None:
    jobs = await _jobs(author, 3)
    first, last = await author.add_batch(*jobs)
    await author.store.drop_batch(first)
    assert await author.store.matching(EMPTY, NOW, 9) == []
    assert await author.store.counts() == []
    with pytest.raises(NotFound):
        await author.store.commit_batch(first, author.batch_unit(first, last))


async def test_a_new_owner_sweeps_open_batches(author: Author) -> None:
    jobs = await _jobs(author, 3)
    first, last = await author.add_batch(*jobs)
    await author.store.take_over(NOW)
    assert await author.store.matching(EMPTY, NOW, 9) == []
    with pytest.raises(NotFound):
        await author.store.add_to_batch([new_of(jobs[0])])
    with pytest.raises(NotFound):
        await author.store.commit_batch(first, author.batch_unit(first, last))
    assert await author.store.reserve_ids(1) == last + 1


async def test_a_refused_commit_keeps_the_batch_hidden(author: Author) -> None:
    jobs = await _jobs(author, 2)
    first, last = await author.add_batch(*jobs)
    unit = author.batch_unit(first, last)
    stale = Unit(epoch=author.epoch + 1, events=unit.events)  # type: ignore[arg-type]
    with pytest.raises(StaleEpoch):
        await author.store.commit_batch(first, stale)
    assert await author.store.matching(EMPTY, NOW, 9) == []
    await author.store.commit_batch(first, unit)
    assert len(await author.store.matching(EMPTY, NOW, 9)) == 2


async def test_keys_count_in_batches_too(author: Author) -> None:
    holder = await author.submit(key="k")
    with pytest.raises(KeyTaken) as refused:
        await author.add_batch(*await _jobs(author, 1, key="k"))
    assert refused.value.details == {"job": holder.id}
    assert isinstance(refused.value, EngineError)


async def test_jobs_must_lie_inside_their_batch(author: Author) -> None:
    jobs = await _jobs(author, 3)
    await author.store.open_batch(jobs[0].id, jobs[1].id)
    with pytest.raises(NotFound):
        await author.store.add_to_batch([new_of(jobs[0]), new_of(jobs[2])])
    assert await author.store.matching(EMPTY, NOW, 9) == []


async def test_a_committed_batch_cannot_be_dropped(author: Author, store: Store) -> None:
    first, last = await author.add_batch(*await _jobs(author, 2))
    await _abandon(store.commit_batch(first, author.batch_unit(first, last)))
    with pytest.raises(NotFound):
        await store.drop_batch(first)
    assert len(await store.matching(EMPTY, NOW, 9)) == 2


async def test_rows_count_although_nobody_waited_for_them(author: Author) -> None:
    jobs = await _jobs(author, 5)
    first, last = jobs[0].id, jobs[-1].id
    await author.store.open_batch(first, last)
    await _abandon(author.store.add_to_batch([new_of(job) for job in jobs]))
    await author.store.commit_batch(first, author.batch_unit(first, last))
    assert sum(count.number for count in await author.store.counts()) == 5
    assert await author.store.check() == []


async def test_callers_that_give_up_tear_nothing(author: Author) -> None:
    jobs = [await author.submit() for _ in range(20)]
    for job in jobs:
        await _abandon(author.store.write([author.granting(job)]))
    later = await author.submit()
    assert await author.store.check() == []
    open_jobs = [job.id for _, job in await author.store.open_attempts()]
    assert open_jobs == [job.id for job in jobs]
    assert len(await author.store.leases()) == 20
    assert later.now.version == await author.store.head() == 41


async def _abandon(work: Coroutine[Any, Any, object]) -> None:
    """Ask for something and stop waiting at once."""
    task = asyncio.get_running_loop().create_task(work)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
