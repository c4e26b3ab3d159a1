"""`submit`: everything or nothing, and once."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import EngineError, InvalidSpec, KeyTaken, NotAllowed, StoreFull
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from tests.engine.loops.test_dispatch import store_of, turns
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.stubborn_store import StubbornStore

TRUE: dict[str, Any] = {"argv": ["true"]}


async def nothing_is_stored(engine: Engine) -> None:
    assert engine.desk.working_set.counters.by_state() == {}
    assert await engine.desk.store.counts() == []
    assert await engine.desk.store.job(JobId(1)) is None
    events = await engine.desk.store.events(Seq(0), 100)
    told = {event.type for event in events if event.type.startswith("job")}
    assert told <= {EventType.JOB_REJECTED}
    assert engine.desk.working_set.lanes.resident == 0


async def send(engine: Engine, *jobs: Any, **ways: Any) -> Any:
    return await engine.ask(ask.Submit(jobs=jobs, **ways))


async def while_time_passes(clock: ManualClock, work: Awaitable[Any]) -> Any:
    """What `work` comes to: loops that begin may have met the trouble first, and wait."""
    task = asyncio.ensure_future(work)
    while not task.done():
        clock.advance(1)
        await turns(1)
    return task.result()


@pytest.mark.parametrize("count", [1, 3, 150])
async def test_the_same_request_key_stores_once(tmp_path: Path, count: int) -> None:
    async with an_engine(tmp_path) as engine:
        first = await send(engine, *[TRUE] * count, request_key="r1")
        again = await send(engine, *[TRUE] * count, request_key="r1")
        assert again.ids == first.ids
        assert not any(job.created for job in again.jobs)
        assert sum(engine.desk.working_set.counters.by_state().values()) == count
    async with an_engine(tmp_path) as engine:
        assert (await send(engine, TRUE, request_key="r1")).ids == first.ids


async def test_a_repeated_submission_does_not_collide_with_its_own_keys(
    tmp_path: Path,
) -> None:
    def keyed(number: int) -> dict[str, Any]:
        return {**TRUE, "key": f"k{number}", "hold": True}

    async def bulk(engine: Engine) -> Any:
        await engine.ask(ask.SubmitBegin(count=2, request_key="b"))
        for number in (1, 2):
            line = json.dumps(keyed(number)) + "\n"
            await engine.ask(ask.SubmitChunk(lines=line))
        return await engine.ask(ask.SubmitCommit())

    async with an_engine(tmp_path) as engine:
        first = await bulk(engine)
        assert (await bulk(engine)).ids == first.ids
        many = [keyed(number) for number in range(10, 130)]
        first = await send(engine, *many, request_key="r")
        assert (await send(engine, *many, request_key="r")).ids == first.ids
        assert sum(engine.desk.working_set.counters.by_state().values()) == 122
        assert await engine.desk.store.check() == []


async def test_a_bulk_that_is_sent_twice_at_once_is_stored_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        other = Engine(engine.parts, engine.host)
        await engine.ask(ask.SubmitBegin(count=1, request_key="b"))
        await other.ask(ask.SubmitBegin(count=1, request_key="b"))
        line = json.dumps({**TRUE, "key": "k", "hold": True}) + "\n"
        await engine.ask(ask.SubmitChunk(lines=line))
        first: Any = await engine.ask(ask.SubmitCommit())
        await other.ask(ask.SubmitChunk(lines=line))
        again: Any = await other.ask(ask.SubmitCommit())
        assert again.ids == first.ids
        assert sum(engine.desk.working_set.counters.by_state().values()) == 1


async def test_the_same_request_at_the_same_time_stores_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        answers = await asyncio.gather(*[send(engine, TRUE, request_key="k") for _ in range(9)])
        assert len({answer.ids for answer in answers}) == 1
        assert sum(answer.jobs[0].created for answer in answers) == 1


async def test_submissions_to_a_new_queue_at_the_same_time_all_succeed(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        few = [send(engine, {**TRUE, "queue": "new"}) for _ in range(8)]
        many = [send(engine, *[{**TRUE, "queue": "new"}] * 120) for _ in range(3)]
        await asyncio.gather(*few, *many)
        states = engine.desk.working_set.counters.by_queue()["new"]
        assert sum(states.values()) == 8 + 360
        assert [queue.name for queue in await engine.desk.store.queues()].count("new") == 1


async def test_a_live_jobs_key_is_returned_rejected_or_replaced(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [running, waiting] = await engine.submit({**TRUE, "key": "a"}, {**TRUE, "key": "b"})
        attempt = await engine.running(running)
        back = await send(engine, {**TRUE, "key": "b"}, TRUE)
        assert back.jobs[0].id == waiting
        assert [job.created for job in back.jobs] == [False, True]
        with pytest.raises(KeyTaken) as taken:
            await send(engine, {**TRUE, "key": "b"}, on_key="reject")
        assert taken.value.details["job"] == waiting
        with pytest.raises(NotAllowed, match="runs"):
            await send(engine, {**TRUE, "key": "a"}, on_key="replace")
        new = await send(engine, {**TRUE, "key": "b"}, on_key="replace")
        assert new.jobs[0].created
        assert (await engine.job(waiting)).now.state is State.CANCELED
        engine.host.end(attempt, 0)
        await engine.until_state(running, State.SUCCEEDED)
        assert (await send(engine, {**TRUE, "key": "a"})).jobs[0].created


@pytest.mark.parametrize("count", [2, 150])
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"argv": []}, "argv"),
        ({**TRUE, "timout": 3}, "timout"),
        ({**TRUE, "depends_on": [4711]}, "depends_on"),
        ({**TRUE, "cpu": 400}, "resources"),
        ({**TRUE, "timeout_ms": -1}, "timeout_ms"),
        ("true", ""),
    ],
)
async def test_one_bad_job_stores_nothing_of_any(
    tmp_path: Path, count: int, bad: Any, field: str
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec) as refused:
            await send(engine, *[TRUE] * (count - 1), bad)
        assert refused.value.field is not None
        assert f"jobs[{count - 1}]" in refused.value.field
        assert field in refused.value.field
        await nothing_is_stored(engine)
        assert (await send(engine, TRUE)).count == 1


@pytest.mark.parametrize("count", [1, 150])
async def test_a_deadline_that_is_past_is_refused(tmp_path: Path, count: int) -> None:
    late = {**TRUE, "deadline": "2020-01-01T00:00Z"}
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec, match="its deadline is past already") as refused:
            await send(engine, *[TRUE] * (count - 1), late)
        assert refused.value.field == f"jobs[{count - 1}].deadline"
        with pytest.raises(InvalidSpec, match="past already"):
            await engine.ask(ask.SubmitArray(job=late, values=("1-3",)))
        [job] = await engine.submit(TRUE)
        with pytest.raises(InvalidSpec, match="past already"):
            await engine.ask(ask.Clone(id=job, changes={"deadline": "2020-01-01T00:00Z"}))
        assert (await send(engine, {**TRUE, "deadline": "1h"})).count == 1


async def test_the_nearest_fit_is_named(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=4)) as engine:
        with pytest.raises(InvalidSpec, match="4"):
            await send(engine, {**TRUE, "cpu": 5})
        with pytest.raises(InvalidSpec, match="gpu"):
            await send(engine, {**TRUE, "gpu_count": 1})


async def test_an_empty_submission_or_unknown_way_is_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec, match="no jobs"):
            await send(engine)
        with pytest.raises(InvalidSpec, match="return, reject, replace"):
            await send(engine, TRUE, on_key="ignore")


async def test_a_full_disk_refuses_and_leaves_no_ghost(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=StubbornStore) as engine:
        store_of(engine).trouble = StoreFull("no space")
        with pytest.raises(StoreFull):
            await while_time_passes(clock, send(engine, *[TRUE] * 150))
        with pytest.raises(StoreFull):
            await while_time_passes(clock, send(engine, TRUE))
        store_of(engine).trouble = None
        written = engine.desk.ledger.writer.post(lambda: None)
        await while_time_passes(clock, written)
        await nothing_is_stored(engine)
        assert store_of(engine)._batches == {}


async def test_bulk_comes_in_chunks_and_is_seen_at_the_commit(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitBegin(count=5, request_key="b"))
        await engine.ask(ask.SubmitChunk(lines='{"argv":["true"]}\n' * 3))
        await nothing_is_stored(engine)
        await engine.ask(ask.SubmitChunk(lines='{"argv":["true"]}\n' * 2))
        done: Any = await engine.ask(ask.SubmitCommit())
        [(first, last)] = done.ids
        assert last - first + 1 == done.count == 5
        for id_ in range(first, last + 1):
            engine.host.end(await engine.running(JobId(id_)), 0)
        await engine.until_state(JobId(last), State.SUCCEEDED)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('{"argv":["true"]}\n{"argv":3}\n', r"jobs\[1\]"),
        ('{"argv":["true"]}\nnot json\n', r"jobs\[1\]"),
        ('{"argv":["true"]}\n' * 4, "more than the 3"),
    ],
)
async def test_what_is_wrong_in_a_chunk_ends_the_whole_submission(
    tmp_path: Path, lines: str, why: str
) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitBegin(count=3))
        with pytest.raises(InvalidSpec, match=why):
            await engine.ask(ask.SubmitChunk(lines=lines))
        with pytest.raises(InvalidSpec, match="no bulk submission"):
            await engine.ask(ask.SubmitCommit())
        await nothing_is_stored(engine)
        await engine.ask(ask.SubmitBegin(count=1))


async def test_a_count_that_does_not_hold_stores_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitBegin(count=3))
        with pytest.raises(InvalidSpec, match="open on this connection already"):
            await engine.ask(ask.SubmitBegin(count=3))
        await engine.ask(ask.SubmitChunk(lines='{"argv":["true"]}\n'))
        with pytest.raises(InvalidSpec, match="1 of 3"):
            await engine.ask(ask.SubmitCommit())
        await nothing_is_stored(engine)
        with pytest.raises(EngineError, match="1 to"):
            await engine.ask(ask.SubmitBegin(count=0))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cwd": "here"}, "cwd: 'here' is not absolute"),
        ({"cwd": ""}, "cwd: '' is not absolute"),
        ({"cwd": "/a\0b"}, "cwd: has a NUL character"),
        ({"env": {"A=B": "1"}}, "env.A=B: 'A=B' cannot name a variable"),
        ({"env": {"": "1"}}, "'' cannot name a variable"),
        ({"env": {"A": "x\0"}}, "env.A: has a NUL character"),
        ({"env": {"A": "x" * 200_000}}, "env.A: is 200002 bytes long"),
    ],
)
async def test_a_place_where_no_job_could_run_is_refused(
    tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    async with an_engine(tmp_path) as engine:
        for request in (
            ask.Submit(jobs=({"argv": ["true"]},), **given),
            ask.SubmitBegin(count=1, **given),
        ):
            with pytest.raises(InvalidSpec) as refused:
                await engine.ask(request)
            assert said in refused.value.message
        assert engine.desk.working_set.counters.by_state() == {}
