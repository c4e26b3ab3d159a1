"""Windows show what a naive model shows: the whole list, filtered, sorted and cut."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import InvalidSpec
from engine.model.filter import EMPTY, Query, matches, parse
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.sorts import SORTS
from engine.model.states import State
from engine.store.protocol import Page, Window, Written
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW, a_job

FILTERS = [
    "",
    "state:queued",
    "queue:a prio:high",
    "name:x",
    "!state:running",
    "id:3..7",
    "array:9",
]

instants = st.none() | st.integers(NOW, NOW + 5)
images = st.fixed_dictionaries(
    {
        "state": st.sampled_from(State),
        "queue": st.sampled_from(["a", "b"]),
        "priority": st.sampled_from(Priority),
        "started_at": instants,
        "ended_at": instants,
        "wake_at": instants,
        "unreachable_at": instants,
        "state_at": st.integers(NOW, NOW + 5),
        "worker": st.none() | st.sampled_from(["w1", "w2"]),
        "needs_operator": st.booleans(),
    }
)


def _activity(job: Job) -> tuple[int, int]:
    now = job.now
    if now.unreachable_at is not None or now.needs_operator:
        return 0, now.state_at
    match now.state:
        case State.RUNNING:
            return 1, now.state_at if now.started_at is None else now.started_at
        case State.RETRYING:
            return 2, now.state_at if now.wake_at is None else now.wake_at
        case State.QUEUED:
            return 3, now.priority
        case State.PENDING:
            return 4, 0
    return 5, -(now.state_at if now.ended_at is None else now.ended_at)


def _value(job: Job, sort: str) -> Any:
    match sort:
        case "activity":
            return _activity(job)
        case "id":
            return job.id
        case "name":
            return job.spec.name
        case "created":
            return job.created_at
        case "state":
            return list(State).index(job.now.state)
        case "started" | "ended":
            return getattr(job.now, f"{sort}_at")
    return getattr(job.now, sort)


def naive(
    jobs: Sequence[Job], sort: str, *, descending: bool, query: Query, folded: bool
) -> list[Job]:
    """The list as anybody would make it; jobs without a value last, either way."""
    found = [job for job in jobs if matches(query, job, NOW)]
    found = [job for job in found if not folded or job.spec.array is None]
    some = [job for job in found if _value(job, sort) is not None]
    none = [job for job in found if _value(job, sort) is None]
    some.sort(key=lambda job: (_value(job, sort), job.id), reverse=descending)
    none.sort(key=lambda job: job.id, reverse=descending)
    return some + none


async def _filled(folder: Path, progress: Sequence[dict[str, Any]]) -> tuple[SqliteStore, list]:
    store = await SqliteStore.open(folder / "jobs.sqlite", ManualClock(NOW))
    author = Author(store, await store.take_over(NOW))
    first = await store.reserve_ids(len(progress))
    jobs = [
        replace(
            a_job(id=first + n, name="xyz"[n % 3], now=now, array=(None, None, 9)[n % 3]),
            created_at=NOW - n % 4,
        )
        for n, now in enumerate(progress)
    ]
    answers = await store.write([author.submission(job) for job in jobs])
    assert all(isinstance(answer, Written) for answer in answers)
    return store, await store.jobs([job.id for job in jobs])


async def _compare(folder: Path, progress: Sequence[dict[str, Any]], data: Any) -> None:
    store, jobs = await _filled(folder, progress)
    try:
        for sort in SORTS:
            descending = data.draw(st.booleans())
            query = parse(data.draw(st.sampled_from(FILTERS)))
            folded = data.draw(st.booleans())
            whole = naive(jobs, sort, descending=descending, query=query, folded=folded)
            anchor = data.draw(st.sampled_from(jobs))
            count = data.draw(st.integers(0, 6))
            asked = Window(
                query=query, sort=sort, descending=descending, count=count, is_folded=folded
            )
            await _check(store, asked, whole, anchor)
    finally:
        await store.close()


async def _check(store: SqliteStore, asked: Window, whole: list[Job], anchor: Job) -> None:
    fields = {"query": asked.query, "sort": asked.sort, "descending": asked.descending}
    fields |= {"is_folded": asked.is_folded}

    async def page(**place: Any) -> Page:
        found = await store.window(Window(**fields, count=asked.count, **place, now_at=NOW))
        assert (found.total, found.total_is_exact) == (len(whole), True)
        assert list(found.jobs) == whole[found.offset : found.offset + len(found.jobs)]
        return found

    for at in (0, 2, len(whole) + 1):
        assert (await page(at=at)).jobs == whole[at : at + asked.count]
    if anchor in whole:
        place = whole.index(anchor)
        assert (await page(after=anchor.id)).jobs == whole[place + 1 :][: asked.count]
        before = max(place - asked.count, 0)
        assert (await page(before=anchor.id)).jobs == whole[before:place]
        start = max(place - asked.count // 2, 0)
        around = await page(around=anchor.id)
        assert (around.offset, around.jobs) == (start, whole[start : start + asked.count])


@settings(max_examples=12, deadline=None)
@given(st.lists(images, min_size=1, max_size=14), st.data())
def test_windows_equal_a_naive_model(
    tmp_path_factory: pytest.TempPathFactory, progress: list[dict[str, Any]], data: Any
) -> None:
    asyncio.run(_compare(tmp_path_factory.mktemp("state") / "s", progress, data))


async def test_an_anchor_outside_the_filter_still_has_a_place(author: Author) -> None:
    jobs = [await author.submit(queue="ab"[n % 2]) for n in range(6)]
    query = parse("queue:a")
    page = await author.store.window(Window(query=query, sort="id", after=jobs[1].id))
    assert (page.offset, page.jobs) == (1, [jobs[2], jobs[4]])
    page = await author.store.window(Window(query=query, sort="id", before=jobs[3].id))
    assert (page.offset, page.jobs) == (0, [jobs[0], jobs[2]])


async def test_a_page_says_how_new_it_is(author: Author) -> None:
    await author.submit()
    page = await author.store.window(Window(query=EMPTY))
    assert page.seq == await author.store.head() == 1


@pytest.mark.parametrize(
    "asked", [{"sort": "colour"}, {"at": 1, "after": JobId(1)}], ids=["sort", "two places"]
)
async def test_a_window_that_makes_no_sense_is_refused(
    author: Author, asked: dict[str, Any]
) -> None:
    with pytest.raises(InvalidSpec):
        await author.store.window(Window(query=EMPTY, **asked))


async def test_an_unknown_sort_is_told_the_nearest(author: Author) -> None:
    with pytest.raises(InvalidSpec) as refused:
        await author.store.window(Window(query=EMPTY, sort="activty"))
    assert refused.value.nearest == "activity"
