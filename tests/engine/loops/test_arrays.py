"""The arrays loop: what stops stays stopped, and no array that cannot follow ends the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.backends.protocol import HostState
from engine.control import messages as ask
from engine.ledger.writes import Write
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.states import FINAL, State
from engine.policy.jobs.lifecycle import displace
from engine.policy.jobs.steering import revive
from engine.store.protocol import Unit
from engine.store.sqlite.store import SqliteStore
from tests.engine.daemon.handlers.test_arrays import send
from tests.kit.engine import Engine, FakeBackend, an_engine

STURDY: dict[str, Any] = {
    "argv": ["true"],
    "restart": "safe",
    "preemptible": True,
    "retry": {"max_attempts": 3, "exit_codes": [75]},
}


class Slow(SqliteStore):
    """Things happen between its looking for the numbers of an array and its telling them."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def array_counts(self, arrays: Sequence[JobId]) -> Mapping[JobId, Mapping[str, int]]:
        counts = await super().array_counts(arrays)
        if self.meanwhile is not None:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        return counts


async def a_stopped_array(engine: Engine) -> tuple[JobId, JobId, AttemptId]:
    """An array that was stopped, and its one member that still runs, with its attempt."""
    array = await send(engine, "1-6", job=STURDY, stop_after=1, limit=2)
    attempt = await engine.running(JobId(array + 1))
    last = JobId(array + 2)
    other = await engine.running(last)
    await engine.ask(ask.Hold(targets=ask.Targets(where="state:queued")))
    engine.host.end(attempt, 1)
    await engine.until(EventType.ARRAY_ABORTED, job=array)
    await engine.until_state(JobId(array + 6), *FINAL)
    return array, last, other


@pytest.mark.parametrize("how", ["lost", "displaced", "failed"])
async def test_what_a_stopped_array_gets_back_is_not_started_again(
    tmp_path: Path, how: str
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=2)) as engine:
        array, last, attempt = await a_stopped_array(engine)
        if how == "lost":
            engine.host.end(attempt, None, state=HostState.LOST)
        elif how == "failed":
            engine.host.end(attempt, 75)
        else:
            live = engine.desk.working_set.live.by_job[last]
            make_room = partial(displace, attempt=attempt, for_job=JobId(999), why="room")
            await engine.desk.ledger.act(live.job, make_room)
            engine.host.end(attempt, None, signal=15, why="stop")
        whole = await engine.until_state(array, *FINAL)
        member = await engine.job(last)
        assert member.now.state is State.CANCELED
        assert member.now.cancel_why == f"array #{array} stops after 1 failure"
        assert (await engine.story(last)).count("job.started") == 1
        assert whole.now.note == "1 of 6 failed, 5 canceled"


async def test_a_stop_outlives_the_daemon(tmp_path: Path) -> None:
    host = FakeBackend(cpus=2)
    async with an_engine(tmp_path, host) as engine:
        array, last, attempt = await a_stopped_array(engine)
    async with an_engine(tmp_path, host) as engine:
        host.end(attempt, 75)
        assert (await engine.until_state(last, *FINAL)).now.state is State.CANCELED
        await engine.until_state(array, *FINAL)


async def test_a_member_that_somebody_runs_again_starts_in_a_stopped_array(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=3)) as engine:
        array = await send(engine, "1-5", stop_after=1, limit=3)
        for member in (1, 2, 3):
            await engine.running(JobId(array + member))
        await engine.ask(ask.Hold(targets=ask.Targets(where="state:queued")))
        for member in (1, 2):
            engine.host.end(await engine.running(JobId(array + member)), 1)
            await engine.until_state(JobId(array + member), *FINAL)
        await engine.until_state(JobId(array + 5), *FINAL)
        again = JobId(array + 1)
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(again,))))
        engine.host.end(await engine.running(again), 0)
        assert (await engine.until_state(again, *FINAL)).now.state is State.SUCCEEDED


async def an_ended_array_without_its_key(engine: Engine) -> tuple[JobId, JobId]:
    """An array that has failed, and the job that has its key now."""
    engine.host.ends_at_once = 1
    array = await send(engine, "1-2", job={"argv": ["false"], "key": "k"}, limit=1)
    await engine.until_state(array, State.FAILED)
    engine.host.ends_at_once = None
    [other] = await engine.submit({"argv": ["true"], "key": "k", "hold": True})
    return array, other


async def test_an_array_that_cannot_follow_is_told_of_and_the_loop_goes_on(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        array, other = await an_ended_array_without_its_key(engine)
        members = await engine.desk.store.members(array, 0, 2)
        again = partial(revive, now_at=engine.desk.clock.now(), by="ana")
        for member in members:
            await engine.desk.ledger.act(member, again)
        told = await engine.until(EventType.JOB_BLOCKED, job=array)
        assert told.cause == (
            "it stays failed while members of it move: the key 'k' belongs to job "
            f"{other}, which has not ended"
        )
        next_one = await send(engine, "1-2")
        for number in (next_one + 1, next_one + 2):
            engine.host.end(await engine.running(JobId(number)), 0)
        await engine.until_state(next_one, State.SUCCEEDED)
        for member in members:
            engine.host.end(await engine.running(member.id), 0)
            await engine.until_state(member.id, State.SUCCEEDED)
        assert (await engine.story(array)).count("job.blocked") == 1


async def test_old_numbers_do_not_take_up_an_array_that_ended_meanwhile(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, store_type=Slow) as engine:
        store = engine.desk.store
        assert isinstance(store, Slow)
        array = await send(engine, "1-1")
        attempt = await engine.running(JobId(array + 1))
        await engine.until_state(array, State.RUNNING)

        async def end() -> None:
            engine.host.end(attempt, 1)
            await engine.until_state(array, State.FAILED)

        store.meanwhile = end
        await engine.desk.arrays.settle([array])
        await engine.until_state(array, State.FAILED)
        assert await engine.story(array) == ["job.submitted", "job.started", "job.failed"]


async def test_a_limit_set_while_an_array_ends_does_not_bring_it_back(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.host.ends_at_once = 1
        array = await send(engine, "1-1")
        await engine.until_state(array, State.FAILED)
        was = await engine.desk.store.array(array)
        assert was is not None
        unit = Unit(
            epoch=engine.desk.working_set.epoch, arrays=[(was.version, replace(was, limit=7))]
        )
        await engine.desk.ledger.writer.post(lambda: Write(unit))
        now = await engine.desk.store.array(array)
        assert now is not None
        assert now.limit == 7
        assert array not in engine.desk.working_set.arrays


@pytest.mark.parametrize("limit", [1, 2, None])
async def test_none_starts_once_as_many_have_failed_as_may(
    tmp_path: Path, limit: int | None
) -> None:
    host = FakeBackend(cpus=2)
    host.ends_at_once = 1
    async with an_engine(tmp_path, host) as engine:
        array = await send(engine, "1-40", job={"argv": ["false"]}, stop_after=2, limit=limit)
        whole = await engine.until_state(array, State.FAILED)
        assert whole.now.note == "2 of 40 failed, 38 canceled"
        assert engine.desk.working_set.failing.stopping == set()


async def test_failures_of_before_are_known_after_a_restart(tmp_path: Path) -> None:
    host = FakeBackend(cpus=1)
    async with an_engine(tmp_path, host) as engine:
        array = await send(engine, "1-9", job={"argv": ["false"]}, stop_after=2, limit=1)
        host.end(await engine.running(JobId(array + 1)), 1)
        await engine.until_state(JobId(array + 1), State.FAILED)
    async with an_engine(tmp_path, host) as engine:
        host.end(await engine.running(JobId(array + 2)), 1)
        whole = await engine.until_state(array, State.FAILED)
        assert whole.now.note == "2 of 9 failed, 7 canceled"


@pytest.mark.parametrize("is_set_first", [True, False])
async def test_an_array_that_may_fail_more_often_meanwhile_goes_on(
    tmp_path: Path, is_set_first: bool
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-5", stop_after=1, limit=1)
        attempt = await engine.running(JobId(array + 1))

        async def end() -> None:
            engine.host.end(attempt, 1)

        raised = engine.ask(ask.SetArray(id=array, stop_after=5))
        await asyncio.gather(*([raised, end()] if is_set_first else [end(), raised]))
        await engine.until_state(JobId(array + 2), State.RUNNING, State.CANCELED)
        assert engine.desk.working_set.failing.stopping == set()


async def test_an_array_that_stops_after_all_counts_what_has_failed_before(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        array = await send(engine, "1-5", limit=1)
        engine.host.end(await engine.running(JobId(array + 1)), 1)
        attempt = await engine.running(JobId(array + 2))
        await engine.ask(ask.SetArray(id=array, stop_after=2))
        engine.host.end(attempt, 1)
        whole = await engine.until_state(array, State.FAILED)
        assert whole.now.note == "2 of 5 failed, 3 canceled"


async def test_an_array_that_is_run_again_stops_as_exactly(tmp_path: Path) -> None:
    host = FakeBackend(cpus=1)
    host.ends_at_once = 1
    async with an_engine(tmp_path, host) as engine:
        job = {"argv": ["false"]}
        array = await send(engine, "1-9", job=job, stop_after=2, limit=1)
        await engine.until_state(array, State.FAILED)
        host.ends_at_once = None
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(array,))))
        await engine.until_state(array, State.RUNNING)
        again = await engine.running(JobId(array + 1))
        host.ends_at_once = 1
        host.end(again, 1)
        whole = await engine.until_state(array, State.FAILED)
        assert whole.now.note == "2 of 9 failed, 7 canceled"
