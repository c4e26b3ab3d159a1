"""Acts on runs: cancel, hold and release reach every task; a retry takes up what is left."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.model.events import EventType
from engine.model.states import FINAL, State
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.flows import (
    end,
    ended,
    find,
    job,
    running,
    settled,
    start,
    states,
    to,
    told,
)

NESTED: dict[str, Any] = {
    "a": job(),
    "in": {
        "workflow": {"tasks": {"x": job(), "y": job(depends_on=["x"])}},
        "depends_on": ["a"],
    },
    "each": job(for_each=["p", "q"], depends_on=["a"]),
    "sweep": job(array={"values": ["1", "2"]}, depends_on=["a"]),
    "last": job(depends_on=["in", "each", "sweep"]),
}


async def retry(engine: Engine, id_: int) -> Any:
    [result] = (await engine.ask(ask.Retry(targets=to(id_)))).results  # type: ignore[attr-defined]
    return result


async def run_all(engine: Engine, *paths: str) -> None:
    """Whatever starts from now on succeeds."""
    engine.host.ends_at_once = 0
    for attempt, report in list(engine.host.reports.items()):
        if report.code is None and report.state.value == "running":
            engine.host.end(attempt, 0)


async def starts(engine: Engine, id_: int) -> int:
    """How often a job was started."""
    return (await engine.story(id_)).count("job.started")  # type: ignore[arg-type]


async def test_a_cancel_reaches_every_task(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, NESTED)
        attempt = await running(engine, run, "a")
        await engine.ask(ask.Cancel(targets=to(run)))
        engine.host.end(attempt, None, signal=15, why="stop")
        assert await ended(engine, run) is State.CANCELED
        await settled(engine)
        assert set((await states(engine, run)).values()) <= {"canceled", "skipped"}
        for path in ("in/x", "in/y"):
            assert (await ended(engine, run, path)) in (State.CANCELED, State.SKIPPED)
        assert len(engine.host.orders) == 1
        assert await engine.desk.store.check() == []


async def test_what_was_canceled_runs_again_in_order(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, NESTED)
        attempt = await running(engine, run, "a")
        await engine.ask(ask.Cancel(targets=to(run)))
        engine.host.end(attempt, None, signal=15, why="stop")
        assert await ended(engine, run) is State.CANCELED
        assert (await retry(engine, run)).ok
        await running(engine, run, "a")
        await settled(engine)
        assert len(engine.host.orders) == 2
        for path in ("in/x", "in/y", "last"):
            assert (await find(engine, run, path)).now.state is State.PENDING
        await end(engine, run, "a")
        for path in ("in/x", "in/y"):
            await end(engine, run, path)
        await engine.until(EventType.WORKFLOW_GROWN, job=(await find(engine, run, "each")).id)
        for path in ("each/0", "each/1"):
            await end(engine, run, path)
        sweep = (await find(engine, run, "sweep")).id
        for member in await engine.desk.store.members(sweep, 0, 9):
            engine.host.end(await engine.running(member.id), 0)
        await end(engine, run, "last")
        assert await ended(engine, run) is State.SUCCEEDED
        assert await engine.desk.store.check() == []


async def test_a_hold_keeps_every_task_until_it_is_released(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, NESTED)
        await running(engine, run, "a")
        await engine.ask(ask.Hold(targets=to(run)))
        await end(engine, run, "a")
        await settled(engine)
        assert len(engine.host.orders) == 1
        assert await engine.desk.store.task_number((await find(engine, run, "each")).id) == 0
        await engine.ask(ask.Release(targets=to(run)))
        await run_all(engine)
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_run_is_taken_up_from_what_failed(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "good": job(),
                "bad": job(depends_on=["good"]),
                "next": job(depends_on=["bad"], command=["echo", "${{ results.bad }}"]),
                "tidy": job(depends_on=[{"task": "next", "after": "end"}]),
                "rescue": job(depends_on=[{"task": "bad", "after": "failure"}]),
            },
        )
        await end(engine, run, "good")
        await end(engine, run, "bad", 1)
        await end(engine, run, "tidy")
        await end(engine, run, "rescue")
        assert await ended(engine, run) is State.FAILED
        assert (await retry(engine, run)).ok
        assert (await engine.job(run)).now.state not in FINAL
        await running(engine, run, "bad")
        assert (await find(engine, run, "next")).now.state is State.PENDING
        await end(engine, run, "bad", says="now")
        attempt = await running(engine, run, "next")
        assert told(engine, attempt)["results"] == {"bad": "now"}
        await end(engine, run, "next")
        assert await ended(engine, run) is State.SUCCEEDED
        ran = {
            name: await starts(engine, (await find(engine, run, name)).id)
            for name in ("good", "bad", "next", "tidy", "rescue")
        }
        assert ran == {"good": 1, "bad": 2, "next": 1, "tidy": 1, "rescue": 1}
        assert "workflow.resumed" in await engine.story(run)


async def test_what_fails_once_more_skips_what_waits_for_it_once_more(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "bad": job(),
                "in": {
                    "workflow": {"tasks": {"x": job(), "y": job(depends_on=["x"])}},
                    "depends_on": ["bad"],
                },
                "each": job(for_each=["p"], depends_on=["bad"]),
                "sweep": job(array={"values": ["1", "2"]}, depends_on=["bad"]),
                "last": job(depends_on=["in"]),
                "end": job(depends_on=["last", "each", "sweep"]),
            },
        )
        for number in range(1, 4):
            await end(engine, run, "bad", 1)
            assert await ended(engine, run) is State.FAILED
            await settled(engine)
            assert await states(engine, run) == {
                "bad": "failed",
                "in": "skipped",
                "each": "skipped",
                "sweep": "skipped",
                "last": "skipped",
                "end": "skipped",
            }
            assert (await find(engine, run, "in/y")).now.state is State.SKIPPED
            assert len(engine.host.orders) == number
            assert (await retry(engine, run)).ok
        attempt = await running(engine, run, "bad")
        engine.host.ends_at_once = 0
        engine.host.end(attempt, 0)
        assert await ended(engine, run) is State.SUCCEEDED
        assert set((await states(engine, run)).values()) == {"succeeded"}
        assert await engine.desk.store.check() == []


async def test_a_failure_deep_within_is_taken_up(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, NESTED)
        await end(engine, run, "a")
        await end(engine, run, "in/x", 1)
        each = (await find(engine, run, "each")).id
        await engine.until(EventType.WORKFLOW_GROWN, job=each)
        await end(engine, run, "each/0", 1)
        await end(engine, run, "each/1")
        sweep = (await find(engine, run, "sweep")).id
        members = await engine.desk.store.members(sweep, 0, 9)
        for code, member in enumerate(members):
            engine.host.end(await engine.running(member.id), code)
        assert await ended(engine, run) is State.FAILED
        assert (await retry(engine, run)).ok
        await running(engine, run, "in/x")
        await running(engine, run, "each/0")
        await engine.running(members[1].id)
        await run_all(engine)
        assert await ended(engine, run) is State.SUCCEEDED
        again = [await find(engine, run, path) for path in ("in/x", "each/0")]
        once = [await find(engine, run, path) for path in ("a", "in/y", "each/1", "last")]
        assert [await starts(engine, one.id) for one in (*again, members[1])] == [2, 2, 2]
        assert [await starts(engine, one.id) for one in (*once, members[0])] == [1] * 5
        assert await engine.desk.store.check() == []


async def test_a_run_that_stopped_is_taken_up_in_order(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "bad": job(),
                "slow": job(),
                "b": job(depends_on=["slow"]),
                "c": job(depends_on=["b", "bad"]),
            },
            on_failure="stop",
        )
        await running(engine, run, "slow")
        await end(engine, run, "bad", 1)
        assert await ended(engine, run, "b") is State.CANCELED
        await end(engine, run, "slow")
        assert await ended(engine, run) is State.FAILED
        assert (await retry(engine, run)).ok
        await end(engine, run, "bad")
        await settled(engine)
        assert (await find(engine, run, "c")).now.state is State.PENDING
        await end(engine, run, "b")
        await end(engine, run, "c")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_task_that_waits_for_a_failure_waits_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        after = [{"task": "bad", "after": "failure"}]
        run = await start(engine, {"bad": job(), "rescue": job(depends_on=after)})
        await end(engine, run, "bad", 1)
        await end(engine, run, "rescue", 1)
        assert await ended(engine, run) is State.FAILED
        assert (await retry(engine, run)).ok
        await end(engine, run, "bad")
        assert await ended(engine, run, "rescue") is State.SKIPPED
        assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("how", [State.SUCCEEDED, State.RUNNING])
async def test_there_may_be_nothing_to_take_up(tmp_path: Path, how: State) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job()})
        if how is State.SUCCEEDED:
            await end(engine, run, "a")
        else:
            await running(engine, run, "a")
        await engine.until_state(run, how)
        was = await engine.job(run)
        result = await retry(engine, run)
        assert not result.ok
        assert "nothing to take up again" in result.error
        assert (await engine.job(run)).now == was.now


async def test_a_retry_while_it_runs_takes_up_what_has_failed_so_far(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine, {"bad": job(), "slow": job(), "c": job(depends_on=["bad", "slow"])}
        )
        await running(engine, run, "slow")
        await end(engine, run, "bad", 1)
        assert await ended(engine, run, "c") is State.SKIPPED
        assert (await retry(engine, run)).ok
        await end(engine, run, "bad")
        await end(engine, run, "slow")
        await end(engine, run, "c")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_large_run_is_taken_up_at_once(tmp_path: Path) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        count = 700
        tasks = {f"t{n}": job(depends_on=[f"t{n - 1}"] if n else []) for n in range(count)}
        run = await start(engine, tasks)
        await end(engine, run, "t0", 1)
        assert await ended(engine, run) is State.FAILED
        assert (await states(engine, run))[f"t{count - 1}"] == "skipped"
        assert (await retry(engine, run)).ok
        found = await states(engine, run)
        assert {found[f"t{n}"] for n in range(1, count)} == {"pending"}
        await engine.ask(ask.Cancel(targets=to(run)))
        host.end(await running(engine, run, "t0"), None, signal=15, why="stop")
        assert await ended(engine, run) is State.CANCELED


async def test_a_task_of_a_run_that_succeeded_can_run_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        after = [{"task": "a", "after": "failure"}]
        run = await start(
            engine, {"a": job(fallback={"value": 1}), "b": job(), "c": job(depends_on=after)}
        )
        await end(engine, run, "a", 1)
        await end(engine, run, "b")
        await end(engine, run, "c")
        assert await ended(engine, run) is State.SUCCEEDED
        task = (await find(engine, run, "a")).id
        for code in (1, 0):
            assert (await retry(engine, task)).ok
            await end(engine, run, "a", code)
            await settled(engine)
            assert (await engine.job(run)).now.state is State.SUCCEEDED
        other = await start(engine, {"x": job()})
        await end(engine, other, "x")
        assert await ended(engine, other) is State.SUCCEEDED


async def test_a_run_does_not_succeed_with_what_others_had_skipped(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [outside] = await engine.submit(job())
        run = await start(
            engine, {"a": job(depends_on=[f"#{outside}"]), "b": job(depends_on=["a"])}
        )
        engine.host.end(await engine.running(outside), 1)
        assert await ended(engine, run) is State.FAILED
        assert (await engine.job(run)).now.note == "a, b skipped"
        assert not (await retry(engine, run)).ok
        await engine.ask(ask.Retry(targets=to(outside)))
        engine.host.end(await engine.running(outside), 0)
        await engine.until_state(outside, State.SUCCEEDED)
        assert (await retry(engine, run)).ok
        await end(engine, run, "a")
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_workflow_within_fails_for_others_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [outside] = await engine.submit(job())
        inner = {"tasks": {"x": job(), "y": job(depends_on=[f"#{outside}"])}}
        run = await start(engine, {"in": {"workflow": inner}, "b": job(depends_on=["in"])})
        await end(engine, run, "in/x")
        engine.host.end(await engine.running(outside), 1)
        assert await ended(engine, run, "in") is State.FAILED
        assert await ended(engine, run) is State.FAILED
        assert (await find(engine, run, "b")).now.state is State.SKIPPED


async def test_a_fan_out_whose_tasks_could_not_be_made_is_tried_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine, {"list": job(), "each": job(for_each="list"), "b": job(depends_on=["each"])}
        )
        await end(engine, run, "list", says="no list")
        assert await ended(engine, run) is State.FAILED
        each = (await find(engine, run, "each")).id
        for id_ in (each, run):
            failures = (await engine.story(each)).count("workflow.failed")
            assert (await retry(engine, id_)).ok
            await settled(engine)
            assert await ended(engine, run) is State.FAILED
            assert (await engine.story(each)).count("workflow.failed") == failures + 1


async def test_a_cancel_can_be_taken_back_in_its_grace(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = {name: {**task, "depends_on": ["gate"]} for name, task in NESTED.items()}
        run = await start(engine, {"gate": job(hold=True), **tasks, "last": NESTED["last"]})
        await engine.ask(ask.Cancel(targets=to(run), undo_ms=60_000))
        found = await engine.job(run)
        assert (found.now.cancel_by, found.now.cancel_at is None) == ("ana", False)
        await engine.ask(ask.Uncancel(targets=to(run)))
        await engine.ask(ask.Release(targets=to(run)))
        await run_all(engine)
        assert await ended(engine, run) is State.SUCCEEDED
        assert set((await states(engine, run)).values()) == {"succeeded"}


async def test_a_grace_that_passes_ends_the_whole_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {**NESTED, "a": job(hold=True)})
        await engine.ask(ask.Cancel(targets=to(run), undo_ms=1))
        assert await ended(engine, run) is State.CANCELED
        for path in ("a", "in", "in/x", "in/y", "each", "sweep", "last"):
            assert await ended(engine, run, path) in (State.CANCELED, State.SKIPPED)
        assert engine.host.orders == {}
        assert await engine.desk.store.check() == []


async def test_one_retry_takes_up_what_was_canceled_and_still_stops(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job(depends_on=["a"])})
        attempt = await running(engine, run, "a")
        await engine.ask(ask.Cancel(targets=to(run)))
        async with asyncio.TaskGroup() as tasks:
            retrying = tasks.create_task(retry(engine, run))
            await turns(100)
            assert not retrying.done()
            engine.host.end(attempt, None, signal=15, why="stop")
        assert retrying.result().ok, retrying.result()
        engine.host.end(await running(engine, run, "a"), 0)
        engine.host.end(await running(engine, run, "b"), 0)
        assert await ended(engine, run) is State.SUCCEEDED
        assert await starts(engine, (await find(engine, run, "a")).id) == 2
