"""What time and other jobs do to jobs that wait."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.loops import promote
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.states import State
from engine.store.sqlite.store import SqliteStore
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def pass_until(engine: Engine, clock: ManualClock, job: Any, *states: State) -> None:
    """Let seconds pass until the job is in one of the states."""
    async with asyncio.timeout(60):
        while (await engine.job(job)).now.state not in states:
            clock.advance(1)
            await turns()


async def test_a_retry_comes_when_its_wait_is_over(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        retry = {"max_attempts": 2, "backoff": "constant", "base_ms": 30_000, "jitter": False}
        [job] = await engine.submit({**TRUE, "retry": retry})
        first = await engine.running(job)
        engine.host.end(first, 1)
        waiting = await engine.until_state(job, State.RETRYING)
        assert waiting.now.wake_at == clock.now() + 30_000_000
        assert engine.desk.working_set.usage.held == 0
        clock.advance(29)
        await turns()
        assert (await engine.job(job)).now.state is State.RETRYING
        await pass_until(engine, clock, job, State.RUNNING)
        assert await engine.running(job) != first


async def test_a_retry_whose_time_comes_while_no_daemon_runs_is_not_lost(
    tmp_path: Path,
) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        [job] = await engine.submit({**TRUE, "max_attempts": 2, "retry_backoff_ms": 30_000})
        host.end(await engine.running(job), 1)
        await engine.until_state(job, State.RETRYING)
    clock.advance(3600)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        assert await engine.running(job)


async def test_a_job_does_not_start_before_its_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        [job] = await engine.submit({**TRUE, "not_before": "90s"})
        clock.advance(85)
        await turns()
        assert (await engine.job(job)).now.state is State.PENDING
        await pass_until(engine, clock, job, State.RUNNING)
        started = (await engine.job(job)).now.started_at
        assert started is not None
        assert started >= (await engine.job(job)).created_at + 90_000_000


async def test_a_job_that_waits_past_its_deadline_ends_as_timeout(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FakeBackend(cpus=1), clock=clock) as engine:
        first, late = await engine.submit(TRUE, {**TRUE, "deadline": "60s"})
        attempt = await engine.running(first)
        await pass_until(engine, clock, late, State.TIMEOUT)
        engine.host.end(attempt, 0)
        await engine.until_state(first, State.SUCCEEDED)
        assert (await engine.job(late)).now.attempts == 0


async def test_the_grace_of_a_cancel_ends_after_a_restart_too(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend(cpus=1)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        _, here, there = await engine.submit(TRUE, TRUE, TRUE)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(here,)), undo_ms=5_000))
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(there,)), undo_ms=60_000))
        assert (await engine.job(here)).now.state is State.QUEUED
        await pass_until(engine, clock, here, State.CANCELED)
        assert (await engine.job(there)).now.state is State.QUEUED
    clock.advance(3600)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        await engine.until_state(there, State.CANCELED)
        assert (await engine.job(there)).now.attempts == 0


async def test_a_cancel_that_is_withdrawn_in_its_grace_never_happens(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FakeBackend(cpus=1), clock=clock) as engine:
        first, job = await engine.submit(TRUE, TRUE)
        attempt = await engine.running(first)
        targets = ask.Targets(ids=(job,))
        await engine.ask(ask.Cancel(targets=targets, undo_ms=5_000))
        await engine.ask(ask.Uncancel(targets=targets))
        clock.advance(10)
        await turns()
        engine.host.end(attempt, 0)
        assert await engine.running(job)


async def test_a_job_waits_for_all_that_it_depends_on(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        one, two = await engine.submit(TRUE, TRUE)
        [job] = await engine.submit({**TRUE, "depends_on": [one, two]})
        assert (await engine.job(job)).now.unmet == 2
        engine.host.end(await engine.running(one), 0)
        blocked = await engine.until(EventType.JOB_BLOCKED, job=job)
        assert "1 of 2" in blocked.cause
        engine.host.end(await engine.running(two), 0)
        assert await engine.running(job)


async def test_a_dependency_that_had_ended_before_counts(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        good, bad = await engine.submit(TRUE, TRUE)
        engine.host.end(await engine.running(good), 0)
        engine.host.end(await engine.running(bad), 1)
        await engine.until_state(good, State.SUCCEEDED)
        await engine.until_state(bad, State.FAILED)
        runs, skipped = await engine.submit(
            {**TRUE, "depends_on": [good]}, {**TRUE, "depends_on": [bad, good]}
        )
        assert await engine.running(runs)
        ended = await engine.until_state(skipped, State.SKIPPED)
        assert f"#{bad}" in ended.now.note


@pytest.mark.parametrize("how", ["failed", "canceled"])
async def test_what_depends_on_a_failure_is_skipped_all_the_way_down(
    tmp_path: Path, how: str
) -> None:
    async with an_engine(tmp_path) as engine:
        [first] = await engine.submit(TRUE)
        chain = [first]
        for _ in range(4):
            chain += await engine.submit({**TRUE, "depends_on": [chain[-1]]})
        attempt = await engine.running(first)
        if how == "canceled":
            await engine.ask(ask.Cancel(targets=ask.Targets(ids=(first,))))
        engine.host.end(attempt, 1)
        for job in chain[1:]:
            await engine.until_state(job, State.SKIPPED)
        assert (await engine.job(first)).now.state.value == how
        assert len(engine.host.orders) == 1


async def test_a_dependency_that_is_run_again_is_waited_for(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        one, two = await engine.submit(TRUE, {**TRUE, "hold": True})
        engine.host.end(await engine.running(one), 1)
        await engine.until_state(one, State.FAILED)
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(one,))))
        [job] = await engine.submit({**TRUE, "depends_on": [one, two]})
        assert (await engine.job(job)).now.state is State.PENDING
        engine.host.end(await engine.running(one), 0)
        await engine.until(EventType.JOB_BLOCKED, job=job)
        await engine.ask(ask.Release(targets=ask.Targets(ids=(two,))))
        engine.host.end(await engine.running(two), 0)
        assert await engine.running(job)


class Watched(SqliteStore):
    """A store that says how often it is looked at, and can keep news to itself."""

    looks = 0
    closed_eyes = False

    async def settled_dependencies(self, limit: int) -> list[Job]:
        self.looks += 1
        return [] if self.closed_eyes else await super().settled_dependencies(limit)


async def test_news_that_is_none_any_more_is_heard_once_and_hides_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promote, "AT_ONCE", 1)
    clock = ManualClock()
    async with an_engine(
        tmp_path, FakeBackend(cpus=4), clock=clock, store_type=Watched
    ) as engine:
        store = engine.desk.store
        assert isinstance(store, Watched)
        revived, other = await engine.submit(TRUE, TRUE)
        on_revived, on_other = await engine.submit(
            {**TRUE, "depends_on": [revived]}, {**TRUE, "depends_on": [other]}
        )
        await engine.running(other)
        store.closed_eyes = True
        engine.host.end(await engine.running(revived), 1)
        await engine.until_state(revived, State.FAILED)
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(revived,))))
        engine.host.end(await engine.running(other), 0)
        await engine.until_state(other, State.SUCCEEDED)
        store.closed_eyes = False
        engine.parts.promote_wake.knock()
        assert await engine.running(on_other)
        assert (await engine.job(on_revived)).now.state is State.PENDING
        assert await store.settled_dependencies(10) == []
        looks = store.looks
        for _ in range(100):
            await store.head()
        assert store.looks <= looks + 2
        engine.host.end(await engine.running(revived), 0)
        assert await engine.running(on_revived)


async def test_news_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=Watched) as engine:
        store = engine.desk.store
        assert isinstance(store, Watched)
        [first] = await engine.submit(TRUE)
        [job] = await engine.submit({**TRUE, "depends_on": [first]})
        store.closed_eyes = True
        engine.host.end(await engine.running(first), 0)
        await engine.until_state(first, State.SUCCEEDED)
        await store.heard_news([job])
        store.closed_eyes = False
        engine.parts.promote_wake.knock()
        assert await engine.running(job)


async def test_what_is_due_and_cannot_be_done_is_no_reason_to_spin(tmp_path: Path) -> None:
    class Overdue(SqliteStore):
        looks = 0

        async def next_due_at(self) -> int | None:
            self.looks += 1
            return 1

    async with an_engine(tmp_path, store_type=Overdue) as engine:
        store, clock = engine.desk.store, engine.desk.clock
        assert isinstance(store, Overdue)
        begun_s = clock.monotonic()
        await when(lambda: store.looks > 0)
        for _ in range(200):
            await store.head()
        passed_s = clock.monotonic() - begun_s
        assert store.looks <= 3 + passed_s / promote.SHORTEST_S  # and the knocks of the start
