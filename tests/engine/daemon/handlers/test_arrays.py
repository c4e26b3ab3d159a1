"""Arrays through the daemon: in, along and out again; steered whole; folded in lists."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.control import messages as ask
from engine.control.views import JobsPage
from engine.errors import InvalidSpec, NotFound
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.spec import Kind
from engine.model.states import FINAL, State
from tests.kit.engine import Engine, FakeBackend, an_engine

ECHO: dict[str, Any] = {"argv": ["echo", "{item}"], "name": "sweep"}


async def send(engine: Engine, *values: str, job: Any = ECHO, **more: Any) -> JobId:
    """Submit an array; the id of its composite job."""
    answer: Any = await engine.ask(ask.SubmitArray(job=job, values=values, **more))
    [(first, _)] = answer.ids
    return JobId(first)


def to(*ids: int) -> ask.Targets:
    return ask.Targets(ids=ids)


async def acted(engine: Engine, request: Any) -> Any:
    [result] = (await engine.ask(request)).results  # type: ignore[attr-defined]
    return result


async def grace_ends(engine: Engine, array: JobId) -> None:
    """The array cannot be had back any more."""
    async with asyncio.timeout(60):
        async for _ in engine.desk.timeline.follow(Seq(0), array):
            if (await engine.job(array)).now.cancel_at is None:
                return


async def end_next(engine: Engine, array: JobId, code: int) -> None:
    """The first member that runs ends."""
    found: Any = await engine.desk.store.members(array, 0, 1000)
    running = [one for one in found if one.now.state is State.RUNNING]
    assert running[0].now.attempt is not None
    engine.host.end(running[0].now.attempt, code)
    await engine.until_state(running[0].id, *FINAL)


async def states(engine: Engine, array: JobId) -> list[str]:
    return [one.now.state.value for one in await engine.desk.store.members(array, 0, 1000)]


@pytest.mark.parametrize("count", [3, 250])
async def test_an_array_comes_in_whole_and_once(tmp_path: Path, count: int) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        ways = {"request_key": "r", "limit": 2, "job": {**ECHO, "hold": True}}
        array = await send(engine, f"1-{count}", **ways)
        assert await send(engine, f"1-{count}", **ways) == array
        whole = await engine.job(array)
        assert whole.spec.kind is Kind.COMPOSITE
        assert whole.now.state is State.QUEUED
        members = await engine.desk.store.members(array, 0, 1000)
        assert [one.id for one in members] == list(range(array + 1, array + 1 + count))
        assert members[2].spec.command.argv == ("echo", "3")
        assert members[2].spec.command.env["CRAB_ARRAY_INDEX"] == "2"
        assert members[2].spec.array == array
        assert engine.desk.working_set.counters.by_state() == {"queued": count}
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        assert engine.desk.working_set.counters.by_state() == {"queued": count}
        assert engine.desk.working_set.arrays[array].limit == 2


async def test_the_composite_starts_and_ends_with_its_members(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "a", "b")
        await engine.until_state(array, State.RUNNING)
        for member in (array + 1, array + 2):
            attempt = await engine.running(JobId(member))
            engine.host.end(attempt, 0)
        whole = await engine.until_state(array, *FINAL)
        assert whole.now.state is State.SUCCEEDED
        assert await engine.story(array) == ["job.submitted", "job.started", "job.completed"]


async def test_one_failure_fails_the_composite_with_numbers(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.host.ends_at_once = 0
        first = await send(engine, "1-2")
        assert (await engine.until_state(first, *FINAL)).now.state is State.SUCCEEDED
        engine.host.ends_at_once = 3
        array = await send(engine, "1-2")
        whole = await engine.until_state(array, *FINAL)
        assert (whole.now.state, whole.now.note) == (State.FAILED, "2 of 2 failed")


async def test_jobs_wait_for_a_whole_array(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        array = await send(engine, "1-2")
        [after] = await engine.submit({"argv": ["true"], "after": [array]})
        assert (await engine.job(after)).now.state is State.PENDING
        for member in (array + 1, array + 2):
            engine.host.end(await engine.running(JobId(member)), 0)
        await engine.running(after)


async def test_after_some_failures_the_others_are_canceled(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-20", stop_after=2)
        for member in (array + 1, array + 2):
            engine.host.end(await engine.running(JobId(member)), 1)
            await engine.until_state(JobId(member), *FINAL)
        await engine.until(EventType.ARRAY_ABORTED, job=array)
        last = await engine.until_state(JobId(array + 20), *FINAL)
        assert last.now.state is State.CANCELED
        assert last.now.cancel_why == f"array #{array} stops after 2 failures"
        while "running" in await states(engine, array):
            await end_next(engine, array, 0)
        whole = await engine.until_state(array, *FINAL)
        assert whole.now.state is State.FAILED
        assert whole.now.note.startswith("2 of 20 failed, ")
        assert (await engine.story(array)).count("array.aborted") == 1


async def test_a_restart_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    host = FakeBackend(cpus=1)
    async with an_engine(tmp_path, host) as engine:
        array = await send(engine, "1-2")
        await engine.running(JobId(array + 1))
    async with an_engine(tmp_path, host) as engine:
        for member in (array + 1, array + 2):
            engine.host.end(await engine.running(JobId(member)), 0)
            await engine.until_state(JobId(member), *FINAL)
        assert (await engine.until_state(array, *FINAL)).now.state is State.SUCCEEDED


async def test_an_array_is_canceled_whole(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-5")
        attempt = await engine.running(JobId(array + 1))
        result = await acted(engine, ask.Cancel(targets=to(array)))
        assert result.ok
        assert "5 members" in result.now
        assert (await engine.job(array)).now.state is not State.CANCELED
        engine.host.end(attempt, None, signal=15)
        assert (await engine.until_state(array, *FINAL)).now.state is State.CANCELED
        again = await acted(engine, ask.Cancel(targets=to(array)))
        assert (again.ok, again.error) == (False, f"#{array} has ended: canceled")


async def test_a_cancel_in_grace_can_be_taken_back(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-3", job={**ECHO, "hold": True})
        await acted(engine, ask.Cancel(targets=to(array), undo_ms=60_000))
        assert (await engine.job(JobId(array + 2))).now.cancel_at is not None
        back = await acted(engine, ask.Uncancel(targets=to(array)))
        assert (back.ok, "3 members" in back.now) == (True, True)
        assert (await engine.job(JobId(array + 2))).now.cancel_at is None
        whole = await engine.job(array)
        assert (whole.now.cancel_by, whole.now.cancel_at) == (None, None)


async def test_the_row_of_an_array_says_that_it_is_in_the_grace_of_a_cancel(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-3")
        attempt = await engine.running(JobId(array + 1))
        await acted(engine, ask.Cancel(targets=to(array), undo_ms=200))
        page: Any = await engine.ask(ask.ListJobs(fold=True))
        [row] = [row for row in page.jobs if row.id == array]
        assert row.cancel_at is not None
        assert row.held_by is None
        await engine.until_state(JobId(array + 3), State.CANCELED)
        await grace_ends(engine, array)
        engine.host.end(attempt, None, signal=15)
        assert (await engine.until_state(array, *FINAL)).now.state is State.CANCELED


async def test_a_cancel_in_grace_need_not_be_waited_for(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-3", job={**ECHO, "hold": True})
        await acted(engine, ask.Cancel(targets=to(array), undo_ms=60_000))
        await acted(engine, ask.Cancel(targets=to(array)))
        whole = await engine.until_state(array, *FINAL)
        assert (whole.now.state, whole.now.cancel_at) == (State.CANCELED, None)


async def test_an_array_whose_members_are_canceled_by_a_filter_is_canceled(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        array = await send(engine, "1-3", job={**ECHO, "hold": True})
        where = f"array:{array} id>{array}"
        await engine.ask(ask.Cancel(targets=ask.Targets(where=where)))
        whole = await engine.until_state(array, *FINAL)
        assert (whole.now.state, whole.now.note) == (State.CANCELED, "3 of 3 canceled")
        assert whole.now.trouble is None


async def test_hold_release_and_priority_reach_the_members(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [busy] = await engine.submit({"argv": ["true"]})
        attempt = await engine.running(busy)
        array = await send(engine, "1-3")
        assert (await acted(engine, ask.Hold(targets=to(array)))).ok
        assert (await engine.job(array)).now.held_by == "ana"
        await acted(engine, ask.SetPriority(targets=to(array), to="high"))
        member = await engine.job(JobId(array + 3))
        assert (member.now.held_by, member.now.priority.label) == ("ana", "high")
        await acted(engine, ask.Release(targets=to(array)))
        engine.host.end(attempt, 0)
        await engine.running(JobId(array + 1))


async def test_retry_runs_again_what_did_not_succeed(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-6", stop_after=1)
        engine.host.end(await engine.running(JobId(array + 1)), 1)
        await engine.until(EventType.ARRAY_ABORTED, job=array)
        await engine.until_state(JobId(array + 6), *FINAL)
        while "running" in await states(engine, array):
            await end_next(engine, array, 0)
        await engine.until_state(array, State.FAILED)
        result = await acted(engine, ask.Retry(targets=to(array)))
        assert result.ok
        assert (await engine.job(array)).now.state in (State.QUEUED, State.RUNNING)
        while (await engine.job(array)).now.state not in FINAL:
            for one in await engine.desk.store.members(array, 0, 10):
                if one.now.state not in FINAL:
                    engine.host.end(await engine.running(one.id), 0)
                    await engine.until_state(one.id, *FINAL)
            await engine.until_state(array, *FINAL)
        assert set(await states(engine, array)) == {"succeeded"}
        assert (await engine.job(array)).now.state is State.SUCCEEDED


async def test_a_filter_means_members_and_never_the_whole(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-3")
        await engine.until_state(array, State.RUNNING)
        answer: Any = await engine.ask(ask.Hold(targets=ask.Targets(where="state:queued")))
        assert [one.id for one in answer.results] == [array + 2, array + 3]
        lone: Any = await engine.ask(ask.Cancel(targets=ask.Targets(where=f"id:{array}")))
        assert not lone.results[0].ok


async def test_limits_are_changed_and_shown(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        array = await send(engine, "1-6", limit=1)
        await engine.running(JobId(array + 1))
        assert (await states(engine, array)).count("queued") == 5
        result = await acted(engine, ask.SetArray(id=array, limit=2, stop_after=3))
        assert (result.was, result.now) == ("limit 1", "limit 2, stops after 3 failed")
        await engine.running(JobId(array + 2))
        shown: Any = await engine.ask(ask.ShowJob(id=array))
        assert (shown.array.limit, shown.array.stop_after) == (2, 3)
        assert sum(shown.members.values()) == 6
        with pytest.raises(NotFound, match="no array"):
            await engine.ask(ask.SetArray(id=array + 1, limit=2))
        with pytest.raises(InvalidSpec, match="limit 0"):
            await engine.ask(ask.SetArray(id=array, limit=0))


async def test_nothing_is_stored_of_an_array_with_a_fault(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for job, values in (
            (ECHO, ["3-1"]),
            ({"argv": ["x"], "name": "{item}"}, ["y", "z" * 201]),
            ({"argv": ["x"], "name": "{item}"}, ["1-300", "z" * 201]),
            ({"shell": "echo '{item}'"}, ["1"]),
            ({"argv": ["x"], "cpus": 99}, ["1"]),
        ):
            with pytest.raises(InvalidSpec):
                await send(engine, *values, job=job)
        assert await engine.desk.store.counts() == []
        events = await engine.desk.store.events(Seq(0), 100)
        assert not [event for event in events if event.type is EventType.JOB_SUBMITTED]


async def listed(engine: Engine, **more: Any) -> JobsPage:
    answer = await engine.ask(ask.ListJobs(sort="id", fold=True, **more))
    assert isinstance(answer, JobsPage)
    return answer


async def test_a_folded_list_has_one_row_for_an_array(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-4", job={**ECHO, "hold": True})
        [other] = await engine.submit({"argv": ["true"], "hold": True})
        page = await listed(engine)
        assert [row.id for row in page.jobs] == [array, other]
        assert page.total == 2
        assert page.jobs[0].members == {"queued": 4}
        assert page.jobs[0].note == "0 of 4 done"


SIZES = st.lists(st.integers(0, 4), min_size=1, max_size=4)
"""0: a job; else an array of so many."""


@given(SIZES, st.data())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_windows_of_an_unfolded_list_are_parts_of_it(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    async with an_engine(tmp_path_factory.mktemp("fold")) as engine:
        whole: list[int] = []
        arrays = []
        is_down = data.draw(st.booleans())
        for size in sizes:
            if size == 0:
                block = [*await engine.submit({"argv": ["true"], "hold": True})]
            else:
                array = await send(engine, f"1-{size}", job={**ECHO, "hold": True})
                is_open = data.draw(st.booleans())
                arrays += [array] if is_open else []
                block = [array, *range(array + 1, array + 1 + size)] if is_open else [array]
            whole = [*block, *whole] if is_down else [*whole, *block]
        ways: dict[str, Any] = {"unfolded": tuple(arrays), "descending": is_down}
        count = data.draw(st.integers(1, 6))
        at = data.draw(st.integers(0, len(whole)))
        page = await listed(engine, at=at, count=count, **ways)
        assert [row.id for row in page.jobs] == whole[at : at + count]
        assert (page.total, page.offset) == (len(whole), at)
        anchor = data.draw(st.integers(0, len(whole) - 1))
        after = await listed(engine, after=whole[anchor], count=count, **ways)
        assert [row.id for row in after.jobs] == whole[anchor + 1 : anchor + 1 + count]
        before = await listed(engine, before=whole[anchor], count=count, **ways)
        assert [row.id for row in before.jobs] == whole[max(anchor - count, 0) : anchor]
        begin = max(anchor - count // 2, 0)
        around = await listed(engine, around=whole[anchor], count=count, **ways)
        assert [row.id for row in around.jobs] == whole[begin : begin + count]


async def test_an_array_is_explained_by_the_first_of_its_members_that_waits(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=4)) as engine:
        array = await send(engine, "1-3", limit=1)
        await engine.running(JobId(array + 1))
        await engine.until(EventType.JOB_BLOCKED, job=JobId(array + 2))
        why: Any = await engine.ask(ask.Explain(id=array))
        assert (why.job, why.array) == (array + 2, array)
        assert [gate.kind for gate in why.gates if not gate.ok] == ["array"]
        await engine.ask(ask.Cancel(targets=to(array), kill=True))
        await engine.until_state(JobId(array + 3), State.CANCELED)
        why = await engine.ask(ask.Explain(id=array))
        assert (why.job, why.array) == (array, None)


async def test_an_edit_of_an_array_shows_in_its_own_row_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=4)) as engine:
        engine.desk.working_set.granting = False
        array = await send(engine, "1-3", stop_after=2)
        changes = {"priority": "high", "cpu": 2, "queue": "other", "goal": "x"}
        acted: Any = await engine.ask(ask.Edit(targets=to(array), changes=changes))
        assert [result.ok for result in acted.results] == [True]
        for number in (array, array + 1, array + 3):
            job = await engine.job(JobId(number))
            assert (job.now.queue, job.now.priority.label) == ("other", "high")
            assert job.spec.resources.cpu_milli == 2000
        assert (await engine.job(array)).spec.constraints.goal is None
        assert engine.desk.working_set.lanes.resident == 3
