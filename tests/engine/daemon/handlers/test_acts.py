"""Every act: repeated safely, answered for each object, refused to those who only read."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import Acted
from engine.daemon.desk import Caller
from engine.daemon.handlers import ANSWERS, STREAMS
from engine.errors import InvalidSpec, NotAllowed
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}
NOBODY = ask.Targets(ids=(1,))
ACTS = [
    ask.Submit(jobs=(TRUE,)),
    ask.SubmitArray(job=TRUE, values=("1-2",)),
    ask.SetArray(id=1, limit=1),
    ask.SubmitBegin(count=1),
    ask.SubmitChunk(lines=""),
    ask.SubmitCommit(),
    ask.Cancel(targets=NOBODY),
    ask.Uncancel(targets=NOBODY),
    ask.Hold(targets=NOBODY),
    ask.Release(targets=NOBODY),
    ask.Pause(targets=NOBODY),
    ask.Resume(targets=NOBODY),
    ask.Feed(id=1),
    ask.SetPriority(targets=NOBODY, to="high"),
    ask.Retry(targets=NOBODY),
    ask.Edit(targets=NOBODY, changes={"name": "x"}),
    ask.Clone(id=1),
    ask.SubmitWorkflow(definition={"name": "w", "tasks": {"a": TRUE}}),
    ask.GrowWorkflow(id=1, tasks={"a": TRUE}),
    ask.AddCron(name="c", spec="@daily", job=TRUE),
    ask.ActOnCron(name="c", act="remove"),
    ask.PutBlob(sha="0" * 64, data=b"", last=True),
    ask.ClearCache(),
    ask.SetWorker(name="local", drain=True),
    ask.AddWorker(name="w", table={}),
    ask.ActOnWorker(name="local", act="probe"),
    ask.AuthorizeKey(name="local", key="k"),
    ask.Reload(),
    ask.Apply(token="x"),
    ask.SetQueue(name="q", pause=True),
    ask.Stop(),
    ask.StopAct(key="k"),
    ask.Acknowledge(key="k"),
]
LOOKS = {
    ask.SayHello,
    ask.ListJobs,
    ask.ShowJob,
    ask.ShowUsage,
    ask.Explain,
    ask.ReadLog,
    ask.ListQueues,
    ask.ListTenants,
    ask.ListWorkers,
    ask.ListGoals,
    ask.ListReasons,
    ask.WhatIf,
    ask.ShowConfig,
    ask.ListEvents,
    ask.ListActs,
    ask.ReadReceipt,
    ask.GroupJobs,
    ask.Suggest,
    ask.FindMoment,
    ask.CountEvents,
    ask.GetTrends,
    ask.ListMatters,
    ask.GetStats,
    ask.Wait,
    ask.Check,
    ask.ListWorkflows,
    ask.ShowWorkflow,
    ask.PlanWorkflow,
    ask.ReportWorkflow,
    ask.ReadDefinition,
    ask.ListTools,
    ask.ReadResult,
    ask.ListCrons,
    ask.ShowCron,
    ask.ListHooks,
    ask.ListArtifacts,
    ask.ReadArtifact,
    ask.HasBlob,
    ask.ShowCache,
    ask.Diff,
}


def to(*ids: int) -> ask.Targets:
    return ask.Targets(ids=ids)


async def act(engine: Engine, request: Any) -> Acted:
    answer = await engine.ask(request)
    assert isinstance(answer, Acted)
    return answer


async def test_a_reader_can_change_nothing(tmp_path: Path) -> None:
    assert {type(one) for one in ACTS} | LOOKS == set(ANSWERS)
    assert all(kind.__name__.startswith(("Follow", "Search", "Watch")) for kind in STREAMS)
    async with an_engine(tmp_path) as engine:
        head = engine.desk.timeline.head
        reader = Caller(user="eve", version="t", read_only=True)
        for one in ACTS:
            with pytest.raises(NotAllowed, match="read-only"):
                await ANSWERS[type(one)](engine.desk, reader, one)
        assert engine.desk.timeline.head == head
        assert not engine.desk.stopping.is_set()


async def test_cancel_answers_for_each_and_can_be_repeated(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        running, waiting, done = await engine.submit(TRUE, TRUE, {**TRUE, "hold": True})
        attempt = await engine.running(running)
        await act(engine, ask.Cancel(targets=to(done)))
        first = await act(engine, ask.Cancel(targets=to(running, waiting, done, 99)))
        by_id = {result.id: result for result in first.results}
        assert (by_id[running].was, by_id[running].now) == ("running", "running, stopping")
        assert (by_id[waiting].was, by_id[waiting].now) == ("queued", "canceled")
        assert by_id[done].ok
        assert not by_id[99].ok
        assert first.matched == 4
        assert "no job #99" in str(by_id[99].error)
        stories = [await engine.story(job) for job in (running, waiting)]
        await act(engine, ask.Cancel(targets=to(running, waiting), kill=True))
        assert [await engine.story(job) for job in (running, waiting)] == stories
        assert engine.host.stops == [(attempt, 5000, "TERM"), (attempt, 0, "KILL")]


async def test_a_filter_names_the_targets_and_an_empty_one_nobody(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        await engine.submit(*[{**TRUE, "hold": True, "queue": q} for q in ("a", "b", "a")])
        answer = await act(engine, ask.Cancel(targets=ask.Targets(where="queue:a")))
        assert [result.id for result in answer.results] == [1, 3]
        for bad in (ask.Targets(), ask.Targets(where=""), ask.Targets(ids=(1,), where="id>0")):
            with pytest.raises(InvalidSpec):
                await engine.ask(ask.Cancel(targets=bad))


async def test_hold_and_release(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        running, job = await engine.submit(TRUE, TRUE)
        attempt = await engine.running(running)
        held = await act(engine, ask.Hold(targets=to(running, job), why="later"))
        assert [result.ok for result in held.results] == [False, True]
        assert held.results[1].now == "queued, held"
        await act(engine, ask.Hold(targets=to(job)))
        engine.host.end(attempt, 0)
        await engine.until_state(running, State.SUCCEEDED)
        assert (await engine.job(job)).now.held_why == "later"
        await act(engine, ask.Release(targets=to(job)))
        await act(engine, ask.Release(targets=to(job)))
        assert await engine.running(job)
        assert (await engine.story(job)).count("job.held") == 1


async def test_priority_is_set_or_moved(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**TRUE, "hold": True})
        await act(engine, ask.SetPriority(targets=to(job), to="realtime"))
        assert (await engine.job(job)).now.priority.label == "critical"
        await act(engine, ask.SetPriority(targets=to(job), raise_by=-2))
        assert (await engine.job(job)).now.priority.label == "normal"
        for bad in ({"to": "hihg"}, {}, {"to": "low", "raise_by": 1}):
            with pytest.raises(InvalidSpec):
                await engine.ask(ask.SetPriority(targets=to(job), **bad))  # type: ignore[arg-type]


async def test_retry_runs_what_ended_again_under_its_id(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [bad, good] = await engine.submit(TRUE, TRUE)
        first = await engine.running(bad)
        engine.host.end(first, 1)
        engine.host.end(await engine.running(good), 0)
        await engine.until_state(bad, State.FAILED)
        await engine.until_state(good, State.SUCCEEDED)
        answer = await act(engine, ask.Retry(targets=to(bad, good)))
        assert [result.ok for result in answer.results] == [True, False]
        assert await engine.running(bad) != first


async def test_a_job_canceled_before_it_started_can_be_run_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        running, job = await engine.submit(TRUE, TRUE)
        attempt = await engine.running(running)
        await act(engine, ask.Cancel(targets=to(job)))
        await act(engine, ask.Retry(targets=to(job)))
        engine.host.end(attempt, 0)
        assert await engine.running(job)


async def test_queues_are_made_paused_limited_and_weighed_again_and_again(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        for name in ("default", "night"):
            for limit in range(4):
                answer = await act(engine, ask.SetQueue(name=name, limit=limit, weight=2))
                assert answer.results[0].now == f"limit {limit}, weight 2"
            await act(engine, ask.SetQueue(name=name, no_limit=True, pause=True, why="night"))
        listed: Any = await engine.ask(ask.ListQueues())
        assert [(q.name, q.limit, q.paused_by) for q in listed.queues] == [
            ("default", None, "ana"),
            ("night", None, "ana"),
        ]
    async with an_engine(tmp_path) as engine:
        await act(engine, ask.SetQueue(name="default", pause=False))
        await act(engine, ask.SetQueue(name="default", pause=True))
        for bad in ({"limit": -1}, {"weight": 0}, {"limit": 1, "no_limit": True}):
            with pytest.raises(InvalidSpec):
                await engine.ask(ask.SetQueue(name="default", **bad))  # type: ignore[arg-type]
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.SetQueue(name="../x", pause=True))


async def test_stop_asks_for_the_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.Stop())
        assert engine.desk.stopping.is_set()
