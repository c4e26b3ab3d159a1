"""Edits, copies, workers that are drained, and goals, through the whole engine."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import Acted, GoalsView, Result, Submitted, WorkersView
from engine.errors import InvalidSpec, NotAllowed, NotFound
from engine.ledger.memory.lanes import WINDOW
from engine.model.events import EventType
from engine.model.filter import parse
from engine.model.ids import JobId
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}
HELD: dict[str, Any] = {**TRUE, "hold": True}


async def edited(engine: Engine, *ids: int, **changes: Any) -> list[Result]:
    answer = await engine.ask(ask.Edit(targets=ask.Targets(ids=ids), changes=changes))
    assert isinstance(answer, Acted)
    return list(answer.results)


async def cloned(engine: Engine, job: int, **more: Any) -> JobId:
    answer = await engine.ask(ask.Clone(id=job, **more))
    assert isinstance(answer, Submitted)
    [(first, last)] = answer.ids
    assert first == last
    return JobId(first)


async def test_an_edit_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**HELD, "name": "old", "tags": ["a"], "memory": "1G"})
        was = await engine.job(job)
        [result] = await edited(
            engine, job, name="new", cpus=2, queue="other", priority="high", deadline="1h"
        )
        assert result.ok
        now = await engine.job(job)
        assert (now.spec.name, now.spec.tags) == ("new", ("a",))
        assert (now.spec.resources.cpu_milli, now.spec.resources.memory_mb) == (2000, 1024)
        assert (now.now.queue, now.now.priority.label) == ("other", "high")
        assert now.shape != was.shape
        assert now.spec.command == was.spec.command
        [event] = [
            e
            for e in await engine.desk.store.events(0, 99, job=job)
            if e.type is EventType.JOB_EDITED
        ]
        told: Any = event.data["changes"]
        assert told["name"] == ["old", "new"]
        assert told["resources.cpu_milli"] == [1000, 2000]
        assert await engine.desk.store.job(job) == now
        again = await edited(engine, job, name="new")
        assert again[0].ok
        assert (await engine.job(job)).now.version == now.now.version


async def test_null_takes_a_thing_back_to_its_default(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        given = {"memory": "1G", "deadline": "1h", "tags": ["a"], "retries": 3, "goal": "g"}
        [job] = await engine.submit({**HELD, **given})
        await edited(
            engine, job, memory=None, deadline=None, tags=None, retries=None, goal=None
        )
        spec = (await engine.job(job)).spec
        assert (spec.resources.memory_mb, spec.constraints.deadline_at) == (0, None)
        assert (spec.tags, spec.retry.max_attempts) == ((), 1)
        assert spec.constraints.goal is None


async def test_each_job_is_answered_for(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        running, waiting = await engine.submit(TRUE, TRUE)
        await engine.running(running)
        results = await edited(engine, running, waiting, 99, name="x")
        assert [(r.id, r.ok) for r in results] == [
            (running, False),
            (waiting, True),
            (99, False),
        ]
        assert "is running" in str(results[0].error)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"memroy": "1G"}, "memory"),
        ({"cpus": "many"}, "changes.cpus"),
        ({"tenant": "other"}, "changes.tenant"),
        ({"argv": ["rm"]}, "changes.command"),
        ({"after": [1]}, "changes.constraints.depends_on"),
        ({"id": 7}, "changes.id"),
    ],
    ids=str,
)
async def test_changes_that_no_job_could_have_are_bad_use(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    async with an_engine(tmp_path) as engine:
        first, job = await engine.submit(HELD, HELD)
        before = await engine.job(job)
        with pytest.raises(InvalidSpec, match=said):
            await edited(engine, first, job, **changes)
        assert await engine.job(job) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"cpus": 500}, "changes"), ({"deadline": "2001-01-01T00:00Z"}, "deadline")],
    ids=str,
)
async def test_a_change_that_cannot_be_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    async with an_engine(tmp_path) as engine:
        first, job = await engine.submit(HELD, HELD)
        del first
        before = await engine.job(job)
        [result] = await edited(engine, job, **changes)
        assert not result.ok
        assert said in str(result.error)
        assert await engine.job(job) == before
        with pytest.raises(InvalidSpec):
            await edited(engine, job)


async def test_a_later_start_postpones_and_none_lets_go(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        running, job = await engine.submit(TRUE, TRUE)
        attempt = await engine.running(running)
        await edited(engine, job, not_before="1h")
        later = await engine.job(job)
        assert later.now.state is State.PENDING
        assert later.now.wake_at == later.spec.constraints.not_before_at
        engine.host.end(attempt, 0)
        await engine.until_state(running, State.SUCCEEDED)
        assert (await engine.job(job)).now.attempt is None
        await edited(engine, job, not_before=None)
        assert await engine.running(job)


async def test_an_edit_outside_the_window_takes_effect_like_any(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [running] = await engine.submit(TRUE)
        attempt = await engine.running(running)
        await engine.submit(*[TRUE] * (3 * WINDOW))
        last = (await engine.desk.store.matching(parse("id>0"), 0, 9999))[-1]
        assert engine.desk.working_set.lanes.resident < 3 * WINDOW
        [result] = await edited(engine, last, priority="critical", queue="fast", cpus="500m")
        assert result.ok
        engine.host.end(attempt, 0)
        assert await engine.running(last)
        assert (await engine.job(last)).now.queue == "fast"
        assert "fast" in engine.desk.working_set.queues
        assert await engine.desk.store.check() == []


async def test_members_of_an_array_are_edited_with_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        answer: Any = await engine.ask(ask.SubmitArray(job=HELD, values=("1-3",)))
        array = JobId(answer.ids[0][0])
        [result] = await edited(engine, array, memory="64M")
        assert (result.ok, "3 members" in str(result.now)) == (True, True)
        members = await engine.desk.store.members(array, 0, 9)
        assert {job.spec.resources.memory_mb for job in members} == {64}
        assert {job.spec.array for job in members} == {array}


async def test_a_clone_is_a_job_of_its_own(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**TRUE, "name": "n", "key": "k", "memory": "1G"})
        was = await engine.job(job)
        copy = await engine.job(await cloned(engine, job, changes={"cpus": 2, "hold": True}))
        assert (copy.spec.key, copy.spec.name) == (None, "n")
        assert (copy.spec.resources.cpu_milli, copy.spec.resources.memory_mb) == (2000, 1024)
        assert copy.surroundings == was.surroundings
        assert copy.spec.trace_id != was.spec.trace_id
        assert copy.now.held_by is not None
        engine.host.end(await engine.running(job), 1)
        await engine.until_state(job, State.FAILED)
        second = await cloned(engine, job, request_key="r")
        assert await cloned(engine, job, request_key="r") == second
        assert await engine.running(second)


async def test_what_cannot_be_cloned(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        answer: Any = await engine.ask(ask.SubmitArray(job=HELD, values=("1-2",)))
        with pytest.raises(NotAllowed, match="stands for others"):
            await cloned(engine, answer.ids[0][0])
        with pytest.raises(NotFound):
            await cloned(engine, 99)
        [job] = await engine.submit(HELD)
        with pytest.raises(InvalidSpec, match="memroy"):
            await cloned(engine, job, changes={"memroy": 1})


async def test_a_drained_worker_takes_nothing_new_even_after_a_restart(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [running] = await engine.submit(TRUE)
        attempt = await engine.running(running)
        await engine.ask(ask.SetWorker(name="local", drain=True, why="disk"))
        view = await engine.ask(ask.ListWorkers())
        assert isinstance(view, WorkersView)
        assert (view.workers[0].draining, view.workers[0].waits_for) == (True, (running,))
        [job] = await engine.submit(TRUE)
        engine.host.end(attempt, 0)
        await engine.until_state(running, State.SUCCEEDED)
        assert (await engine.job(job)).now.attempt is None
        told = [
            event
            for event in await engine.desk.store.events(0, 99)
            if event.type is EventType.WORKER_CHANGED and event.cause == "disk"
        ]
        assert [event.data for event in told] == [{"draining": True}]
    async with an_engine(tmp_path) as engine:
        assert engine.desk.working_set.workers["local"].draining
        assert (await engine.job(job)).now.attempt is None
        await engine.ask(ask.SetWorker(name="local", drain=False))
        assert await engine.running(job)


async def test_a_worker_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(NotFound) as refused:
            await engine.ask(ask.SetWorker(name="lcoal", drain=True))
        assert refused.value.nearest == "local"


async def test_goals_are_told_with_who_has_them_and_who_waits(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second, third = await engine.submit(*[{**TRUE, "goal": "g"}] * 3)
        await engine.running(first)
        view = await engine.ask(ask.ListGoals())
        assert isinstance(view, GoalsView)
        [goal] = view.goals
        assert (goal.goal, goal.holders, goal.waiting) == ("g", (first,), 2)
        assert goal.first_waiter == second
        assert third == second + 1
