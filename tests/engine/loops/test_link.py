"""The link of one worker: made, watched, lost, made again; what runs there is taken over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.backends.protocol import HostState
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.control.views import WorkerView
from engine.errors import LinkRefused, SpoolGone, UnusableState
from engine.loops.link import FORGIVEN, LONGEST_PAUSE_S, PROBE_S, STEADY_S, pause_s
from engine.model.events import EventType
from engine.model.ids import Seq
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"], "worker": "far"}
TABLE = {"backend": "ssh", "address": "ann@far", "slots": 4}


@asynccontextmanager
async def a_far_worker(
    folder: Path, clock: ManualClock
) -> AsyncIterator[tuple[Engine, FakeBackend]]:
    """An engine with a worker elsewhere that was added by command."""
    far = FakeBackend()
    async with an_engine(folder, clock=clock, others={"far": far}) as engine:
        await engine.ask(ask.AddWorker(name="far", table=TABLE))
        yield engine, far


async def view(engine: Engine, name: str = "far") -> WorkerView:
    answer: Any = await engine.ask(ask.ListWorkers())
    views: dict[str, WorkerView] = {worker.name: worker for worker in answer.workers}
    return views[name]


async def settle(engine: Engine) -> None:
    """Return once everything that was to be written is, and all have gone on from there."""
    for _ in range(3):
        await turns(10)
        await engine.desk.ledger.writer.post(lambda: None)
        await engine.desk.store.head()
    await turns(10)


async def pass_until(engine: Engine, clock: ManualClock, true: Any, most_s: int = 300) -> None:
    """Let seconds pass, one by one, until something is so."""
    for _ in range(most_s):
        await settle(engine)
        if true():
            return
        clock.advance(1)
    assert true()


def state_of(engine: Engine) -> str:
    return engine.desk.working_set.links["far"].state.value


def health_of(engine: Engine) -> str:
    return engine.desk.working_set.workers["far"].health.value


async def told(engine: Engine, *types: EventType) -> list[tuple[str, str]]:
    events = await engine.desk.store.events(Seq(0), 1000)
    return [(event.type.value, event.cause) for event in events if event.type in types]


def test_pauses_grow_and_are_bounded() -> None:
    rng = Random(1)
    for tries, most_s in ((0, 0.5), (1, 1.0), (5, 16.0), (7, 60.0), (10_000, 60.0)):
        drawn = [pause_s(tries, rng) for _ in range(200)]
        assert max(drawn) <= min(most_s, LONGEST_PAUSE_S)
        assert max(drawn) > 0.8 * most_s
        assert min(drawn) < 0.2 * most_s


async def test_a_cut_is_told_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        far.cut("cable pulled")
        await when(lambda: state_of(engine) == "lost")
        await when(lambda: engine.desk.working_set.links["far"].next_try_at is not None)
        seen = await view(engine)
        assert seen.link is not None
        assert seen.link.next_try_at is not None
        assert seen.link.next_try_at - clock.now() <= 500_000
        assert (seen.health, seen.at_risk) == ("down", (job,))
        assert seen.link.error == "cable pulled"
        far.end(attempt, 0)
        assert (await engine.job(job)).now.state is State.RUNNING
        await pass_until(engine, clock, lambda: engine.desk.working_set.links["far"].tries >= 2)
        far.mend()
        await pass_until(engine, clock, lambda: state_of(engine) == "connected")
        await engine.until_state(job, State.SUCCEEDED)
        await when(lambda: health_of(engine) == "healthy")
        assert engine.desk.working_set.links["far"].tries == 0
        story = await told(engine, EventType.WORKER_DISCONNECTED, EventType.WORKER_CONNECTED)
        assert story == [
            ("worker.connected", ""),
            ("worker.disconnected", "cable pulled"),
            ("worker.connected", ""),
        ]


async def test_nothing_is_granted_there_before_it_was_taken_over(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [old] = await engine.submit(TRUE)
        await engine.running(old)
        far.cut()
        await when(lambda: health_of(engine) == "down")
        [new] = await engine.submit(TRUE)
        await turns(50)
        assert (await engine.job(new)).now.state is State.QUEUED
        del far.contacts[:]
        far.mend()
        orders = len(far.orders)
        await pass_until(engine, clock, lambda: len(far.orders) > orders)
        assert far.contacts[:2] == ["hello", "adopt"]
        assert (await engine.job(old)).now.attempts == 1
        await engine.running(new)


async def test_looks_that_fail_degrade_then_down_then_a_new_link(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        await when(lambda: far.contacts.count("look") == 1)
        far._cut = "hangs"  # no break that anybody notices
        looks = far.contacts.count("look")
        await pass_until(engine, clock, lambda: health_of(engine) == "degraded")
        await pass_until(engine, clock, lambda: far.contacts.count("look") == looks + 2)
        assert health_of(engine) == "degraded"
        await pass_until(engine, clock, lambda: health_of(engine) == "down")
        assert far.contacts.count("look") == looks + 3
        [(_, why), *_] = (await told(engine, EventType.WORKER_DISCONNECTED))[-1:]
        assert why == "3 looks in a row failed: hangs"
        far.mend()
        await pass_until(engine, clock, lambda: health_of(engine) == "healthy")


async def test_one_look_that_fails_is_forgiven(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        await when(lambda: far.contacts.count("look") == 1)
        began_at = clock.now()
        far._cut = "busy"
        await pass_until(engine, clock, lambda: health_of(engine) == "degraded")
        assert clock.now() - began_at <= (PROBE_S + 2) * 1_000_000
        far.mend()
        await pass_until(engine, clock, lambda: health_of(engine) == "healthy")
        assert state_of(engine) == "connected"


async def test_a_refused_link_waits_for_a_person(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        far.refuse_link = LinkRefused(
            "its key has changed", details={"fingerprint": "SHA256:x"}
        )
        far.cut()
        await when(lambda: state_of(engine) == "lost")
        far.mend()
        await pass_until(engine, clock, lambda: state_of(engine) == "refused")
        tries = far.contacts.count("hello")
        for _ in range(200):
            clock.advance(60)
            await turns(2)
        assert far.contacts.count("hello") == tries
        await settle(engine)
        events = await engine.desk.store.events(Seq(0), 1000)
        [refused] = [one for one in events if one.type is EventType.WORKER_REFUSED]
        assert refused.cause == "its key has changed"
        assert refused.data["fingerprint"] == "SHA256:x"
        await engine.ask(ask.ActOnWorker(name="far", act="reconnect", trust="SHA256:x"))
        await when(lambda: state_of(engine) == "connected")
        assert far.trusted == ["SHA256:x"]


async def a_vanished_spool(engine: Engine, far: FakeBackend, clock: ManualClock) -> None:
    far.blind = SpoolGone("the spool /s is gone")
    await pass_until(engine, clock, lambda: state_of(engine) == "refused")


async def test_a_spool_that_vanishes_costs_nothing_but_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        await a_vanished_spool(engine, far, clock)
        seen = await view(engine)
        assert seen.link is not None
        assert (seen.health, seen.at_risk) == ("down", (job,))
        assert seen.link.error.startswith("the spool /s is gone; nothing there is given up")
        [new] = await engine.submit(TRUE)
        hellos, looks = far.contacts.count("hello"), far.contacts.count("look")
        for _ in range(10):
            clock.advance(PROBE_S)
            await settle(engine)
        with pytest.raises(SpoolGone, match="crabtui workers reconnect far"):
            await engine.ask(ask.ActOnWorker(name="far", act="probe"))
        assert far.contacts.count("look") > looks + 5
        assert far.contacts.count("hello") == hellos  # which would make a new one
        assert (await engine.job(new)).now.state is State.QUEUED
        assert (await engine.job(job)).now.attempts == 1
        far.blind = None
        far.end(attempt, 0)
        await pass_until(engine, clock, lambda: state_of(engine) == "connected")
        await engine.until_state(job, State.SUCCEEDED)
        await engine.running(new)


async def test_an_operator_may_begin_with_a_new_spool(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        await a_vanished_spool(engine, far, clock)
        hellos = far.contacts.count("hello")
        await engine.ask(ask.ActOnWorker(name="far", act="reconnect"))
        await when(lambda: state_of(engine) == "connected")
        assert far.contacts.count("hello") == hellos + 1
        await when(lambda: health_of(engine) == "healthy")


async def test_another_boot_is_told_with_both(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [job] = await engine.submit({**TRUE, "restart": "never"})
        attempt = await engine.running(job)
        far.cut("power")
        await when(lambda: health_of(engine) == "down")
        far.ident = "host/boot/2"
        far.end(attempt, None, state=HostState.REBOOTED)
        far.mend()
        await pass_until(engine, clock, lambda: state_of(engine) == "connected")
        events = await engine.desk.store.events(Seq(0), 1000)
        known = [one for one in events if one.type is EventType.WORKER_REGISTERED]
        data = known[-1].data
        assert (data["was_boot"], data["boot"]) == ("host/boot/1", "host/boot/2")
        await pass_until(engine, clock, lambda: not engine.desk.working_set.live.by_attempt)


async def test_stops_that_a_silent_host_missed_are_repeated(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [job] = await engine.submit(TRUE)
        attempt = await engine.running(job)
        far.cut()
        await when(lambda: health_of(engine) == "down")
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(job,))))
        assert far.stops == []
        far.mend()
        await pass_until(engine, clock, lambda: far.stops != [])
        assert [stop[0] for stop in far.stops] == [attempt]


@pytest.mark.parametrize("act", ["probe", "reconnect"])
async def test_an_operator_need_not_wait(tmp_path: Path, act: str) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        far.cut()
        await when(lambda: state_of(engine) == "lost")
        far.mend()
        await engine.ask(ask.ActOnWorker(name="far", act=act))
        await when(lambda: health_of(engine) == "healthy")


async def test_the_dead_are_declared_so_only_while_they_are_silent(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        [job] = await engine.submit({**TRUE, "restart": "never"})
        await engine.running(job)
        act = ask.ActOnWorker(name="far", act="declare_dead", why="burnt")
        with pytest.raises(Exception, match="it is not dead"):
            await engine.ask(act)
        far.cut()
        await when(lambda: health_of(engine) == "down")
        answer: Any = await engine.ask(act)
        assert f"#{job}" in answer.results[0].now
        await when(lambda: not engine.desk.fleet.lives_on("far"))
        [(_, cause)] = await told(engine, EventType.WORKER_DECLARED_DEAD)
        assert cause == "burnt"


async def test_a_start_that_nobody_answers_is_repeated_and_others_go_on(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        start, tries = far.start, []

        async def fail(orders: Any) -> Any:
            tries.append(len(orders))
            if len(tries) == 1:
                raise UnusableState("its spool is full")
            return await start(orders)

        far.start = fail  # type: ignore[method-assign]
        [there] = await engine.submit(TRUE)
        await when(lambda: tries == [1])
        [here] = await engine.submit({**TRUE, "worker": "local"})
        await engine.running(here)
        await pass_until(engine, clock, lambda: tries == [1, 1])
        await engine.running(there)
        assert (await engine.job(there)).now.attempts == 1


async def test_a_host_that_hangs_up_again_and_again_is_left_alone_for_longer(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        links = engine.desk.working_set.links

        async def cut_again() -> float:
            far.cut("hung up")
            await when(lambda: links["far"].next_try_at is not None)
            rest_s = (links["far"].next_try_at or 0) / 1e6 - clock.now() / 1e6
            far.mend()
            await pass_until(engine, clock, lambda: state_of(engine) == "connected")
            return rest_s

        rests_s = [await cut_again() for _ in range(14)]
        assert max(rests_s[:FORGIVEN]) <= 0.5
        assert max(rests_s[8:]) > 5
        await when(lambda: health_of(engine) == "healthy")
        clock.advance(STEADY_S)
        assert await cut_again() <= 0.5


async def test_what_runs_there_is_marked_at_once_with_the_clock_of_its_host(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    async with a_far_worker(tmp_path, clock) as (engine, far):
        fields = {"on_partition": "replace", "restart": "safe"}
        [job, replaced] = await engine.submit(TRUE, {**TRUE, **fields})
        attempt = await engine.running(job)
        await engine.running(replaced)
        await settle(engine)
        heard_at = clock.now()
        clock.advance(3)
        far.cut()
        await when(lambda: state_of(engine) == "lost")
        await settle(engine)
        shown: Any = await engine.ask(ask.ShowJob(id=job))
        assert shown.job.unreachable_at == heard_at
        assert shown.attempts[0].phase == "unreachable"
        seen = await view(engine)
        assert seen.link is not None
        assert seen.seen_at == seen.link.since_at == heard_at
        why: Any = await engine.ask(ask.Explain(id=replaced))
        assert "and it runs elsewhere" in why.gates[0].text
        far.mend()
        await pass_until(engine, clock, lambda: state_of(engine) == "connected")
        await settle(engine)
        shown = await engine.ask(ask.ShowJob(id=job))
        assert (shown.job.unreachable_at, shown.attempts[0].phase) == (None, "running")
        far.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
