"""Recurring work is submitted once for each instant, whatever happens in between."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.control.views import CronDetail, CronView
from engine.errors import InvalidSpec, NotAdmitted, NotAllowed, NotFound, StoreError
from engine.model.cron import Cron
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}
MINUTE = 60_000_000


async def add(engine: Engine, spec: str = "@every 60s", **fields: Any) -> None:
    await engine.ask(
        ask.AddCron(**{"name": "n", "spec": spec, "zone": "UTC", "job": TRUE, **fields})
    )


async def seen(engine: Engine, name: str = "n") -> CronView:
    detail = await engine.ask(ask.ShowCron(name=name))
    assert isinstance(detail, CronDetail)
    return detail.cron


async def told(engine: Engine, kind: EventType) -> list[Event]:
    events = await engine.desk.store.events(Seq(0), 10_000)
    return [event for event in events if event.type is kind]


async def instants(engine: Engine) -> list[object]:
    """Of all jobs that it has, the instants, in order of id."""
    fired = await told(engine, EventType.CRON_FIRED)
    jobs = [await engine.job(event.job) for event in fired if event.job is not None]
    return [job.spec.metadata["cron_at"] for job in sorted(jobs, key=lambda job: job.id)]


async def pass_until(
    engine: Engine, clock: ManualClock, is_so: Callable[[CronView], bool]
) -> CronView:
    """Let time pass from one run to the next, each of them looked at, until it is so."""
    async with asyncio.timeout(60):
        while not is_so(cron := await seen(engine)):
            if cron.due_at is not None and cron.due_at > clock.now():
                clock.advance((cron.due_at - clock.now()) / 1_000_000)
            elif cron.due_at is not None:  # time passed before the loop had begun to wait
                engine.desk.crons.wake.knock()
            await turns()
    return cron


async def settled(engine: Engine, is_so: Callable[[CronView], bool]) -> CronView:
    """Wait until the schedule is so, without time passing."""
    async with asyncio.timeout(60):
        while not is_so(cron := await seen(engine)):
            await turns()
    return cron


async def ticking(
    engine: Engine, clock: ManualClock, is_so: Callable[[CronView], bool]
) -> CronView:
    """Let a little time pass, again and again, until it is so."""
    async with asyncio.timeout(60):
        while not is_so(cron := await seen(engine)):
            clock.advance(30)
            await turns()
    return cron


async def end(engine: Engine, job: int | None) -> None:
    assert job is not None
    engine.host.end(await engine.running(JobId(job)))
    await engine.until_state(JobId(job), State.SUCCEEDED)


async def test_a_run_is_submitted_when_it_is_due_and_says_whose_it_is(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, job={**TRUE, "tags": ["mine"], "env": {"A": "1"}})
        added_at = clock.now()
        await turns()
        assert (await seen(engine)).fired == 0
        cron = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        job = await engine.job(JobId(cron.last_job or 0))
        assert job.spec.tags == ("mine", "cron:n")
        assert job.spec.metadata == {"cron": "n", "cron_at": added_at + MINUTE}
        assert job.spec.command.env["CRAB_CRON"] == "n"
        assert job.spec.command.env["A"] == "1"
        assert (job.spec.name, job.spec.owner) == ("n", "ana")
        assert cron.next_at == added_at + 2 * MINUTE


@pytest.mark.parametrize(("missed", "fates"), [("skip", 0), ("once", 1), ("all", 5)])
async def test_what_came_due_without_a_daemon_is_made_up_as_told(
    tmp_path: Path, missed: str, fates: int
) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        await add(engine, "@every 10m", missed=missed, overlap="allow")
    clock.advance(50 * 60 + 300)
    async with an_engine(tmp_path, host, clock=clock) as engine:
        cron = await settled(engine, lambda cron: cron.missed_runs == 5 and cron.fired == fates)
        assert len(await instants(engine)) == fates
        [event] = await told(engine, EventType.CRON_MISSED)
        assert (event.data["missed"], event.data["made_up"]) == (5, fates)
        matters: Any = await engine.ask(ask.ListMatters())
        assert ("cron:n", "missed 5 runs") in [(m.key, m.text) for m in matters.matters]
        cron = await pass_until(engine, clock, lambda cron: cron.fired == fates + 1)
        assert cron.missed_runs == 0


async def test_a_run_waits_until_the_one_before_has_ended(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        await add(engine, overlap="queue")
        first = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        cron = await pass_until(engine, clock, lambda cron: cron.owed == 2)
        assert cron.fired == 1
        await engine.running(JobId(first.last_job or 0))
    async with an_engine(tmp_path, host, clock=clock) as engine:  # a new daemon owes it too
        await end(engine, first.last_job)
        second = await settled(engine, lambda cron: cron.fired == 2 and cron.owed == 1)
        await end(engine, second.last_job)
        await settled(engine, lambda cron: cron.fired == 3 and cron.owed == 0)
        found = await instants(engine)
        assert found == [first.next_at and first.next_at + n * MINUTE for n in (-1, 0, 1)]


async def test_a_run_is_left_out_while_the_one_before_runs(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine)
        first = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        cron = await pass_until(engine, clock, lambda cron: cron.skipped == 2)
        assert (cron.fired, cron.live) == (1, (first.last_job,))
        [why, _] = [event.cause for event in await told(engine, EventType.CRON_SKIPPED)]
        assert why == f"cron `n`: #{first.last_job} of it has not ended"
        await end(engine, first.last_job)
        await pass_until(engine, clock, lambda cron: cron.fired == 2)


async def test_what_runs_is_canceled_for_the_next_one(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, overlap="cancel_running")
        first = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        await engine.running(JobId(first.last_job or 0))
        await pass_until(engine, clock, lambda cron: cron.fired == 2)
        job = await engine.job(JobId(first.last_job or 0))
        assert (job.now.cancel_by, job.now.cancel_why) == ("cron n", "its next run is due")


async def test_paused_runs_do_not_count_as_missed(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine)
        await engine.ask(ask.ActOnCron(name="n", act="pause"))
        clock.advance(600)
        await turns(100)
        assert (await seen(engine)).paused_by == "ana"
        await engine.ask(ask.ActOnCron(name="n", act="resume"))
        cron = await seen(engine)
        assert (cron.fired, cron.missed_runs) == (0, 0)
        assert cron.next_at is not None
        assert cron.next_at > clock.now()
        await pass_until(engine, clock, lambda cron: cron.fired == 1)
        assert await told(engine, EventType.CRON_MISSED) == []


async def test_it_is_run_by_hand_beside_its_schedule(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, "@daily")
        acted: Any = await engine.ask(ask.ActOnCron(name="n", act="run"))
        cron = await seen(engine)
        assert acted.results[0].now == f"#{cron.last_job} submitted"
        [event] = await told(engine, EventType.CRON_FIRED)
        assert (event.actor, event.data["by_hand"]) == ("ana", True)


async def test_the_wall_clock_may_be_set(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, "@every 1h")
        await turns()
        clock.jump(3600 - 30)
        clock.advance(60)
        cron = await settled(engine, lambda cron: cron.fired == 1)
        assert cron.missed_runs == 0


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_a_clock_that_was_years_ahead_stops_nothing_once_it_is_right(
    tmp_path: Path, is_stopped: bool
) -> None:
    clock, years_s = ManualClock(), 3 * 365 * 86_400
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, "0 2 * * *", overlap="allow")
        right = (await seen(engine)).next_at
        clock.jump(years_s)
        await ticking(engine, clock, lambda cron: cron.fired == 1)
        if not is_stopped:
            clock.jump(-years_s)
            cron = await ticking(engine, clock, lambda cron: cron.next_at == right)
            assert cron.fired == 1
    if is_stopped:
        clock.jump(-years_s)
    async with an_engine(tmp_path, clock=clock) as engine:
        await settled(engine, lambda cron: cron.next_at == right)
        clock.advance(((right or 0) - clock.now()) / 1_000_000)
        cron = await ticking(engine, clock, lambda cron: cron.fired == 2)
        assert cron.last_at == right


async def test_a_clock_that_was_a_little_wrong_runs_nothing_twice(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine, "0 2 * * *", overlap="allow")
        due_at = (await seen(engine)).due_at or 0
        clock.advance((due_at - clock.now()) / 1_000_000)
        ran = await ticking(engine, clock, lambda cron: cron.fired == 1)
        clock.jump(-600)
        await ticking(engine, clock, lambda _: clock.now() > due_at + 600_000_000)
        assert (await seen(engine)).next_at == ran.next_at
        assert (await seen(engine)).fired == 1
        assert not await told(engine, EventType.CRON_CHANGED)


async def test_what_cannot_be_looked_at_is_paused_and_hurts_no_other(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        zones = engine.desk.crons._zone_of

        def gone(name: str) -> Any:
            if name == "Europe/Kyiv":
                raise InvalidSpec("unknown time zone 'Europe/Kyiv'")
            return zones(name)

        engine.desk.crons._zone_of = gone
        await add(engine, "* * * * *", name="bad", zone="Europe/Kyiv", overlap="allow")
        await add(engine, "* * * * *", overlap="allow")
        await pass_until(engine, clock, lambda cron: cron.fired == 1)
        bad = await settled_of(engine, "bad", lambda cron: cron.paused_by == "engine")
        assert bad.fired == 0
        assert bad.trouble == "unknown time zone 'Europe/Kyiv'"
        engine.desk.crons._zone_of = zones
        await engine.ask(ask.ActOnCron(name="bad", act="resume"))
        await pass_until(engine, clock, lambda cron: cron.fired == 2)
        bad = await settled_of(engine, "bad", lambda cron: cron.fired == 1)
        assert bad.trouble == ""


async def settled_of(engine: Engine, name: str, is_so: Callable[[CronView], bool]) -> CronView:
    async with asyncio.timeout(60):
        while not is_so(cron := await seen(engine, name)):
            await turns()
    return cron


async def test_who_is_put_in_its_place_does_not_overlap_with_what_runs(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        await add(engine)
        was = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        await add(engine, replace=True)
        cron = await pass_until(engine, clock, lambda cron: cron.skipped == 1)
        assert cron.fired == 0
        await end(engine, was.last_job)
        await pass_until(engine, clock, lambda cron: cron.fired == 1)


class Failing:
    """Runs whose answers are lost: what was submitted is on disk, and nobody knows."""

    def __init__(self, inner: Any, times: int) -> None:
        self.inner, self.left, self.asked = inner, times, 0

    async def submit(self, cron: Cron, at: int) -> JobId:
        job: JobId = await self.inner.submit(cron, at)
        self.asked += 1
        self.left -= 1
        if self.left >= 0:
            raise StoreError("lost")
        return job

    async def cancel(self, job: JobId, cron: Cron) -> None:
        await self.inner.cancel(job, cron)


async def test_a_run_whose_end_was_not_written_is_not_submitted_again(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        runs = Failing(engine.desk.cron_runs, 3)
        engine.desk.crons._runs = runs
        await add(engine)
        async with asyncio.timeout(60):
            while (await seen(engine)).fired == 0:
                clock.advance(1)
                await turns()
        assert runs.asked == 4
        assert sum(count.number for count in await engine.desk.store.counts()) == 1


async def test_what_cannot_be_submitted_is_told_and_the_next_one_is_tried(
    tmp_path: Path,
) -> None:
    class Full(Failing):
        async def submit(self, cron: Cron, at: int) -> JobId:
            self.left -= 1
            if self.left >= 0:
                raise NotAdmitted("the queue is full")
            found: JobId = await self.inner.submit(cron, at)
            return found

    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        engine.desk.crons._runs = Full(engine.desk.cron_runs, 1)
        await add(engine)
        cron = await pass_until(engine, clock, lambda cron: cron.skipped == 1)
        assert (cron.trouble, cron.fired) == ("the queue is full", 0)
        cron = await pass_until(engine, clock, lambda cron: cron.fired == 1)
        assert cron.trouble == ""


async def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await add(engine)
        with pytest.raises(NotAllowed, match="already"):
            await add(engine)
        await add(engine, "@daily", replace=True)
        assert (await seen(engine)).spec == "@daily"
        wrong: tuple[dict[str, Any], ...] = (
            {"spec": "nonsense"},
            {"zone": "Europe/Berln"},
            {"job": {"argv": ["true"], "quueue": "x"}},
            {"job": None},
            {"workflow": {"tasks": {}}},
            {"job": None, "workflow": {"tasks": {"a": TRUE}, "defaults": "x"}},
            {"job": None, "workflow": {"tasks": {"a": TRUE}, "defaults": ["x"]}},
            {"end": "2001-01-01"},
            {"jitter_ms": 60_000},
            {"name": "no name"},
        )
        for fields in wrong:
            with pytest.raises(InvalidSpec):
                await add(engine, **{"name": "other", **fields})
        with pytest.raises(NotFound, match="did you mean 'n'"):
            await engine.ask(ask.ActOnCron(name="nn", act="remove"))
        await engine.ask(ask.ActOnCron(name="n", act="remove"))
        listed: Any = await engine.ask(ask.ListCrons())
        assert listed.crons == ()
