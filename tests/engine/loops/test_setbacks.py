"""One item at which the daemon breaks is set apart and told of; all others go on."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.backends.protocol import Chunk
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.control.views import AttentionView, Checked, CronDetail
from engine.loops import collect, gather
from engine.loops.keep_blobs import COMPANY_S
from engine.loops.supervisor import TRIES
from engine.model.attention import Rank
from engine.model.cron import Cron
from engine.model.events import Event, EventType
from engine.model.filter import parse
from engine.model.hooks import Hook, On
from engine.model.ids import AttemptId, JobId, Seq
from engine.model.job import Job
from engine.model.keeping import Collected
from engine.model.states import State
from engine.policy.hooks.firing import Firing
from tests.engine.artifacts.tars import a_tar
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.flows import job, start

TRUE: dict[str, Any] = {"argv": ["true"]}
BUG = "the bug of this test"


async def broke(engine: Engine) -> Sequence[str]:
    """What `doctor` says is wrong."""
    checked = await engine.ask(ask.Check())
    assert isinstance(checked, Checked)
    return [problem for problem in checked.problems if BUG in problem]


async def matters(engine: Engine) -> list[str]:
    view = await engine.ask(ask.ListMatters())
    assert isinstance(view, AttentionView)
    return [one.subject for one in view.matters if one.rank == Rank.ENGINE]


async def told(engine: Engine, kind: EventType) -> list[Event]:
    return [e for e in await engine.desk.store.events(Seq(0), 10_000) if e.type is kind]


async def add(engine: Engine, name: str) -> None:
    await engine.ask(
        ask.AddCron(name=name, spec="@every 60s", zone="UTC", job=TRUE, overlap="allow")
    )


async def cron(engine: Engine, name: str) -> Any:
    detail = await engine.ask(ask.ShowCron(name=name))
    assert isinstance(detail, CronDetail)
    return detail.cron


def breaking(work: Callable[..., Any], of: Callable[..., bool]) -> Callable[..., Any]:
    async def broken(*args: Any) -> Any:
        if of(*args):
            raise ZeroDivisionError(BUG)
        return await work(*args)

    return broken


async def test_a_schedule_that_breaks_is_paused_and_the_others_go_on(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        for name in ("bad", "good"):
            await add(engine, name)

        def is_bad(one: Cron, at: int) -> bool:
            return one.name == "bad"

        runs = engine.desk.cron_runs
        runs.submit = breaking(runs.submit, is_bad)  # type: ignore[method-assign]
        engine.host.ends_at_once = 0
        async with asyncio.timeout(60):
            for times in range(1, TRIES + 2):
                clock.advance(60)
                engine.desk.crons.wake.knock()
                while (await cron(engine, "good")).fired < times:
                    await turns()
        bad = await cron(engine, "bad")
        assert (bad.paused_by, BUG in bad.trouble) == ("engine", True)
        changed = await told(engine, EventType.CRON_CHANGED)
        assert any(BUG in event.cause for event in changed)
        assert [line.startswith("cron bad broke") for line in await broke(engine)] == [True]
        assert "cron bad" in await matters(engine)


async def test_a_hook_that_breaks_is_told_and_the_others_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=64)) as engine:
        runs = engine.desk.hook_runs
        broken: list[JobId] = []

        def is_bad(firing: Firing, event: Event, of: Job) -> bool:
            return of.id in broken

        runs.submit = breaking(runs.submit, is_bad)  # type: ignore[method-assign]
        spec = {"argv": ["x"], "hooks": [{"on": "start", "command": ["tell"]}], "held": True}
        ids = await engine.submit(*[spec for _ in range(TRIES + 2)])
        broken += ids[:-1]
        await engine.ask(ask.Release(targets=ask.Targets(ids=tuple(ids))))
        await when_jobs(engine, "tag:hook", 1)
        [hook] = await engine.desk.store.jobs(
            await engine.desk.store.matching(parse("tag:hook"), 0, 10)
        )
        assert hook.spec.hook_of == ids[-1]
        refused = await told(engine, EventType.HOOK_REFUSED)
        assert {event.job for event in refused if BUG in event.cause} == set(broken)
        assert len(await broke(engine)) == len(broken)


async def when_jobs(engine: Engine, query: str, number: int) -> None:
    async with asyncio.timeout(60):
        while len(await engine.desk.store.matching(parse(query), 0, 100)) < number:
            await turns()
    await turns(50)


async def test_a_configured_hook_whose_filter_breaks_keeps_no_other(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        runs = engine.desk.hook_runs

        hooks = {
            name: Hook(on=(On.START,), job={"command": ["tell"]}, name=name, where=where)
            for name, where in (("bad", "name:x"), ("good", ""))
        }

        def matches(hook: Hook, of: Job) -> bool:
            raise ZeroDivisionError(BUG)

        now = engine.desk.configured.now
        engine.desk.configured.now = replaced(now, hooks=hooks)
        runs.matches = matches  # type: ignore[method-assign]
        [one] = await engine.submit(TRUE)
        await when_jobs(engine, "tag:hook", 1)
        refused = await told(engine, EventType.HOOK_REFUSED)
        assert one in [event.job for event in refused if "`bad`" in event.cause]


async def test_a_flow_that_breaks_stops_no_other(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        bad: list[JobId] = []
        flows = engine.desk.flows
        flows._flow = breaking(flows._flow, lambda id_: id_ in bad)  # type: ignore[method-assign]
        bad += [await start(engine, {"a": job()}) for _ in range(TRIES + 1)]
        good = await start(engine, {"a": job()})
        engine.host.ends_at_once = 0
        for attempt in list(engine.host.reports):
            engine.host.end(attempt, 0)
        await engine.until_state(good, State.SUCCEEDED)
        await engine.until(EventType.JOB_BLOCKED, job=bad[0])
        assert any(line.startswith(f"flow #{bad[0]} broke") for line in await broke(engine))


async def test_an_array_that_breaks_stops_no_other(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.host.ends_at_once = 0
        arrays = engine.desk.arrays
        bad: list[JobId] = []
        arrays._settle = breaking(  # type: ignore[method-assign]
            arrays._settle, lambda one, counts: one.id in bad
        )
        ids = []
        for _ in range(TRIES + 2):
            request = ask.SubmitArray(job={**TRUE, "held": True}, values=("1",))
            answer: Any = await engine.ask(request)
            ids.append(JobId(answer.ids[0][0]))
        bad += ids[:-1]
        await engine.ask(ask.Release(targets=ask.Targets(ids=tuple(ids))))
        await engine.until_state(ids[-1], State.SUCCEEDED)
        assert (await engine.job(ids[0])).now.state is not State.SUCCEEDED


class Strange(FakeBackend):
    """A host at whose answers about one attempt the daemon breaks."""

    bad: frozenset[str] = frozenset()
    asked = 0

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        if attempt in self.bad and stream in ("outputs", "result"):
            self.asked += 1
            raise ZeroDivisionError(BUG)
        return await super().tail(attempt, stream, offset, limit)


async def test_an_end_at_which_the_daemon_breaks_counts_in_the_end(tmp_path: Path) -> None:
    host, clock = Strange(), ManualClock()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        ids = await engine.submit(*[{**TRUE, "outputs": ["x"]} for _ in range(3)])
        attempts = [await engine.running(one) for one in ids]
        for attempt in attempts:
            live = engine.desk.working_set.live.by_attempt[attempt]
            live.job = replace(live.job, spec=replace(live.job.spec, wants_result=True))
            host.outputs[attempt] = a_tar({"x": b"made"})
        host.bad = frozenset(attempts[:2])
        for attempt in attempts:
            host.end(attempt, 0)
        await engine.until_state(ids[2], State.SUCCEEDED)
        for _ in range(collect.TRIES):
            await when(lambda: clock.sleeping)
            clock.advance(collect.AGAIN_MOST_S)
            await turns(100)
        await engine.until_state(ids[0], State.SUCCEEDED)
        assert any(line.startswith(f"the end of {attempts[0]}") for line in await broke(engine))
        async with asyncio.timeout(60):
            while await collected(engine, attempts[0]) is not Collected.LOST:
                clock.advance(gather.AGAIN_MOST_S)
                await turns(100)
        assert await collected(engine, attempts[2]) is Collected.KEPT


async def collected(engine: Engine, attempt: AttemptId) -> Collected | None:
    found = await engine.desk.store.collection(attempt)
    return found and found.state


async def test_blobs_are_evicted_although_their_folder_cannot_be_read(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        blobs, done = engine.parts._blobs, []

        async def evict() -> int:
            done.append(1)
            return 0

        async def settle() -> None:
            raise ZeroDivisionError(BUG)

        shelf = engine.desk.shelf
        shelf.evict = evict  # type: ignore[method-assign]
        shelf.settle = settle  # type: ignore[method-assign]
        blobs._has_settled = False
        async with asyncio.timeout(60):
            while len(done) <= TRIES:
                blobs._wake.knock()
                clock.advance(COMPANY_S)
                await turns()
        assert len(await broke(engine)) == 1
