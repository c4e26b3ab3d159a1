"""Displaced jobs give way to critical ones, wait again, and have lost nothing by it."""

from pathlib import Path
from typing import Any

from engine.control import messages as ask
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.rules import Rules
from engine.model.states import State
from tests.engine.loops.test_dispatch import when
from tests.kit.engine import Engine, FakeBackend, an_engine

MEEK: dict[str, Any] = {"argv": ["true"], "priority": "low", "preemptible": True}
URGENT: dict[str, Any] = {"argv": ["true"], "priority": "critical"}


async def a_displaced_job(engine: Engine) -> tuple[JobId, AttemptId, JobId]:
    """A job that was told to make room and has not ended yet, its attempt, and for whom."""
    engine.desk.working_set.set_rules(Rules(preemption=True))
    [meek] = await engine.submit(MEEK)
    attempt = await engine.running(meek)
    [urgent] = await engine.submit(URGENT)
    await engine.until(EventType.JOB_DISPLACED, job=meek)
    await when(lambda: attempt in [stop[0] for stop in engine.host.stops])
    return meek, attempt, urgent


async def test_it_waits_again_and_that_costs_no_attempt(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        meek, attempt, urgent = await a_displaced_job(engine)
        assert (await engine.job(meek)).now.displaced_for == urgent
        engine.host.end(attempt, 0, why="stop")
        urgent_attempt = await engine.running(urgent)
        waits = await engine.job(meek)
        assert (waits.now.state, waits.now.failures, waits.now.losses) == (State.QUEUED, 0, 0)
        assert waits.now.displaced_for is None
        assert not waits.now.stopping
        engine.host.end(urgent_attempt, 0)
        engine.host.end(await engine.running(meek), 0)
        await engine.until_state(meek, State.SUCCEEDED)
        assert engine.desk.working_set.usage.held == 0


async def test_a_success_that_came_first_counts(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        meek, attempt, urgent = await a_displaced_job(engine)
        engine.host.end(attempt, 0)
        assert (await engine.until_state(meek, State.SUCCEEDED)).now.displaced_for is None
        await engine.running(urgent)


async def test_a_cancel_goes_before_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        meek, attempt, urgent = await a_displaced_job(engine)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(meek,))))
        engine.host.end(attempt, None, signal=15, why="stop")
        assert (await engine.until_state(meek, State.CANCELED)).now.cancel_by == "ana"
        await engine.running(urgent)


async def test_the_next_daemon_ends_what_the_last_one_displaced(tmp_path: Path) -> None:
    host = FakeBackend(cpus=1)
    async with an_engine(tmp_path, host) as engine:
        meek, attempt, urgent = await a_displaced_job(engine)
        host.stops.clear()
    async with an_engine(tmp_path, host) as engine:
        assert attempt in [stop[0] for stop in host.stops]
        host.end(attempt, 0, why="stop")
        await engine.running(urgent)
        assert (await engine.job(meek)).now.state is State.QUEUED
