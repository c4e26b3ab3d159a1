"""Ends are heard, hosts cleaned up, logs kept under their caps."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import HostState, Report
from engine.clock import ManualClock
from engine.errors import StoreFull, Unreachable
from engine.ledger.memory.live import Live
from engine.loops.observe import LISTEN_AGAIN_S, LOOK_AT_LOGS_S, TIDY_AGAIN_S, Tidy
from engine.model.events import EventType
from engine.model.ids import AttemptId
from engine.model.states import State
from tests.engine.loops.test_dispatch import store_of, turns, when
from tests.kit.build import a_job, an_attempt
from tests.kit.engine import FakeBackend, an_engine
from tests.kit.stubborn_store import StubbornStore

TRUE: dict[str, Any] = {"argv": ["true"]}


class Chatty(FakeBackend):
    """A host whose attempts write more than they may."""

    over: int = 0
    asked: list[int]

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        self.asked = [*getattr(self, "asked", []), cap_bytes]
        return self.over


async def test_a_log_over_its_cap_is_told_once_for_an_attempt(tmp_path: Path) -> None:
    clock, host = ManualClock(), Chatty()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job, _] = await engine.submit(
            {**TRUE, "log_cap_bytes": 1_000_000}, {**TRUE, "log_policy": "stop"}
        )
        await engine.running(job)
        host.over = 5000
        for _ in range(3):
            clock.advance(LOOK_AT_LOGS_S)
            await turns()
        event = await engine.until(EventType.ATTEMPT_LOG_TRIMMED, job=job)
        assert event.data == {"dropped_bytes": 5000, "cap_bytes": 1_000_000}
        await when(lambda: len(host.asked) >= 3)
        assert set(host.asked) == {1_000_000}
        assert (await engine.story(job)).count("attempt.log_trimmed") == 1


async def test_a_host_is_cleaned_up_only_once_the_outcome_is_on_disk(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=StubbornStore) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        store_of(engine).trouble = StoreFull("no space")
        engine.host.end(attempt, 0)
        await when(lambda: engine.desk.trouble != "")
        for _ in range(20):  # more often than a loop may break
            clock.advance(1)
            await turns()
        assert engine.host.tidied == []
        assert engine.desk.working_set.usage.held == 0
        store_of(engine).trouble = None
        clock.advance(1)
        await engine.until_state(job, State.SUCCEEDED)
        await when(lambda: engine.host.tidied == [attempt])


@pytest.mark.parametrize("trouble", [Unreachable("no route"), OSError(5, "EIO"), KeyError(1)])
async def test_what_could_not_be_cleaned_up_is_tried_again(
    tmp_path: Path, trouble: Exception
) -> None:
    class Away(FakeBackend):
        tries = 0

        async def tidy(self, attempts: Any) -> None:
            self.tries += 1
            if self.tries == 1:
                raise trouble
            await super().tidy(attempts)

    host, clock = Away(), ManualClock()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [one] = await engine.submit(TRUE)
        first = await engine.running(one)
        host.end(first, 0)
        await when(lambda: host.tries == 1)
        async with asyncio.timeout(60):
            while not host.tidied:
                clock.advance(TIDY_AGAIN_S)
                await turns()
        assert host.tidied == [first]


async def test_a_lost_attempt_is_settled_and_its_job_runs_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        engine.host.end(attempt, None, state=HostState.REBOOTED)
        await engine.until(EventType.JOB_QUEUED, EventType.JOB_FAILED, job=job)
        assert (await engine.job(job)).now.losses == 1


def test_each_host_cleans_up_its_own() -> None:
    tidy = Tidy(FakeBackend(), "far", ManualClock())
    job = a_job()
    tidy.add(Live(an_attempt(job), job))
    assert tidy._ended == []


async def test_ends_that_come_together_are_cleaned_up_together() -> None:
    host, clock = Counting(), ManualClock()
    tidy = Tidy(host, "local", clock, gather_s=1.0)
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(tidy.run())
        tidy.add_ended([AttemptId("1-1-1")])
        await when(lambda: clock.sleeping == 1)
        tidy.add_ended([AttemptId("2-1-1")])
        assert host.at_once == []
        clock.advance(1.0)
        await when(lambda: host.at_once != [])
        loop.cancel()
    assert host.at_once == [2]


class Counting(FakeBackend):
    """A host that notes how many attempts it cleaned up after at once."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once: list[int] = []

    async def tidy(self, attempts: Any) -> None:
        self.at_once.append(len(attempts))


async def test_who_cannot_be_heard_for_a_while_is_heard_again(tmp_path: Path) -> None:
    class Deaf(FakeBackend):
        listened = 0

        async def ends(self) -> AsyncIterator[Report]:
            self.listened += 1
            if self.listened == 1:
                raise Unreachable("cut in the middle of it")
            async for report in super().ends():
                yield report

    host, clock = Deaf(), ManualClock()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        host.end(attempt, 0)
        async with asyncio.timeout(60):
            while (await engine.job(job)).now.state is not State.SUCCEEDED:
                clock.advance(LISTEN_AGAIN_S)
                await turns()
        assert host.listened == 2
