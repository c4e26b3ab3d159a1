"""Displaced jobs give way to critical ones, wait again, and have lost nothing by it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.control import messages as ask
from engine.errors import EngineError
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId, Seq
from engine.model.rules import Rules
from engine.model.states import State
from engine.store.protocol import Unit, Written
from engine.store.sqlite.store import SqliteStore
from tests.engine.loops.test_dispatch import turns, when
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


class SlowToDisplace(SqliteStore):
    """A disk that takes its time just when a displacement is written."""

    async def _begin(self) -> None:
        await super()._begin()
        self.gate, self.is_asked = asyncio.Event(), False

    async def write(self, units: Sequence[Unit]) -> list[Written | EngineError]:
        if any(move.now.displaced_for for unit in units for move in unit.moves):
            self.is_asked = True
            await self.gate.wait()
        return await super().write(units)


async def test_rounds_meanwhile_ask_nobody_twice_and_nobody_else(tmp_path: Path) -> None:
    host = FakeBackend(cpus=2)
    async with an_engine(tmp_path, host, store_type=SlowToDisplace) as engine:
        ours, store = engine.desk.working_set, engine.desk.store
        assert isinstance(store, SlowToDisplace)
        ours.set_rules(Rules(preemption=True))
        for meek in await engine.submit(MEEK, MEEK):
            await engine.running(meek)
        await engine.submit(URGENT)
        await when(lambda: store.is_asked)
        for _ in range(5):
            rounds = ours._rounds
            engine.parts.dispatch_wake.knock()
            await when(lambda rounds=rounds: ours._rounds > rounds)
        store.gate.set()
        await when(lambda: host.stops)
        await turns()
        assert len(host.stops) == 1
        events = await store.events(Seq(0), 1000)
        assert [one.type for one in events].count(EventType.JOB_DISPLACED) == 1
