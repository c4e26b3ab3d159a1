"""The flows loop: runs follow their tasks, and nothing of a run is forgotten or hangs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.model.events import EventType
from engine.model.ids import Seq
from engine.model.states import FINAL, State
from tests.kit.engine import FakeBackend, an_engine
from tests.kit.flows import (
    end,
    ended,
    find,
    grow,
    job,
    running,
    settled,
    start,
    states,
    to,
    told,
    until_all,
)


async def test_a_diamond_runs_in_order(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "top": job(),
                "left": job(depends_on=["top"]),
                "right": job(depends_on=["top"]),
                "end": job(depends_on=["left", "right"]),
            },
        )
        await running(engine, run, "top")
        assert await states(engine, run) == {
            "top": "running",
            "left": "pending",
            "right": "pending",
            "end": "pending",
        }
        await end(engine, run, "top", says={"x": 1})
        await end(engine, run, "left", says=[1, 2])
        await running(engine, run, "right")
        assert (await find(engine, run, "end")).now.state is State.PENDING
        await end(engine, run, "right")
        attempt = await running(engine, run, "end")
        context = told(engine, attempt)
        assert context["results"] == {"left": [1, 2], "right": None}
        assert context["outcomes"] == {"left": "succeeded", "right": "succeeded"}
        assert context["workflow"] == {"id": run, "name": "flow", "run": 1}
        assert (context["task"], context["attempt"]) == ("end", attempt)
        await end(engine, run, "end")
        assert await ended(engine, run) is State.SUCCEEDED
        assert "workflow.completed" in await engine.story(run)


async def test_a_failure_skips_all_behind_it_and_names_the_root(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(),
                "b": job(depends_on=["a"]),
                "c": job(depends_on=["b"]),
                "d": job(depends_on=["c"]),
                "free": job(),
            },
        )
        await end(engine, run, "a", 3)
        assert await ended(engine, run, "d") is State.SKIPPED
        trouble = (await find(engine, run, "d")).now.trouble
        assert trouble is not None
        root = {"job": run + 1, "task": "a", "state": "failed"}
        assert (trouble.code, trouble.details["root"]) == ("skipped", root)
        await end(engine, run, "free")
        assert await ended(engine, run) is State.FAILED
        whole = await engine.job(run)
        assert whole.now.note == "a failed"
        assert not any(order.startswith(f"{run + 2}-") for order in engine.host.orders)


async def test_edges_after_failure_and_after_any_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(),
                "rescue": job(depends_on=[{"task": "a", "after": "failure"}]),
                "always": job(depends_on=[{"task": "a", "after": "end"}]),
                "next": job(depends_on=["a"]),
                "last": job(depends_on=[{"task": "next", "after": "end"}]),
            },
        )
        await end(engine, run, "a", 1)
        for name in ("rescue", "always", "last"):
            await end(engine, run, name)
        assert await ended(engine, run) is State.FAILED
        assert (await states(engine, run))["next"] == "skipped"
        other = await start(
            engine,
            {"a": job(), "rescue": job(depends_on=[{"task": "a", "after": "failure"}])},
        )
        await end(engine, other, "a")
        assert await ended(engine, other, "rescue") is State.SKIPPED
        assert await ended(engine, other) is State.SUCCEEDED


async def test_a_value_stands_in_for_a_failure(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(fallback={"value": {"x": [7]}}),
                "b": job(depends_on=["a"], command=["echo", "${{ results.a.x }}"]),
            },
        )
        await end(engine, run, "a", 1)
        attempt = await running(engine, run, "b")
        assert engine.host.orders[attempt].argv == ("echo", "[7]")
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("code", [0, 1])
async def test_a_task_stands_in_for_a_failure(tmp_path: Path, code: int) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(fallback={"task": "spare"}),
                "spare": job(),
                "b": job(depends_on=["a"], command=["echo", "${{ results.a }}"]),
            },
        )
        await end(engine, run, "a", code, says="own")
        if code:
            await running(engine, run, "spare")
            assert (await find(engine, run, "b")).now.state is State.PENDING
            await end(engine, run, "spare", says="other")
        else:
            assert await ended(engine, run, "spare") is State.SKIPPED
        attempt = await running(engine, run, "b")
        assert engine.host.orders[attempt].argv == ("echo", "other" if code else "own")
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_a_spare_that_fails_too_is_the_failure_of_the_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(fallback={"task": "spare"}),
                "spare": job(),
                "b": job(depends_on=["a"]),
            },
        )
        await end(engine, run, "a", 1)
        await end(engine, run, "spare", 1)
        assert await ended(engine, run, "b") is State.SKIPPED
        assert await ended(engine, run) is State.FAILED


@pytest.mark.parametrize("count", [0, 1, 5])
async def test_a_fan_out_over_a_result(tmp_path: Path, count: int) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "list": job(),
                "each": job(for_each="list", command=["do", "${{ item.n }}", "${{ index }}"]),
                "all": job(depends_on=["each"]),
            },
        )
        await end(engine, run, "list", says=[{"n": 10 + n} for n in range(count)])
        for n in range(count):
            each = (await find(engine, run, "each")).id
            await engine.until(EventType.WORKFLOW_GROWN, job=each)
            attempt = await running(engine, run, f"each/{n}")
            assert engine.host.orders[attempt].argv == ("do", str(10 + n), str(n))
            await end(engine, run, f"each/{n}", says=n * n)
        attempt = await running(engine, run, "all")
        results = told(engine, attempt)["results"]
        if count:
            assert results == {"each": [n * n for n in range(count)]}
        await end(engine, run, "all")
        assert await ended(engine, run) is State.SUCCEEDED
        assert await engine.desk.store.check() == []


@pytest.mark.parametrize("says", [{"a": 1}, "text", 5, None])
async def test_what_is_no_list_cannot_be_fanned_out_over(tmp_path: Path, says: Any) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {"list": job(), "each": job(for_each="list"), "all": job(depends_on=["each"])},
        )
        await end(engine, run, "list", says=says)
        assert await ended(engine, run, "all") is State.SKIPPED
        assert await ended(engine, run) is State.FAILED
        each = await find(engine, run, "each")
        assert each.now.trouble is not None
        assert "the result of 'list' is no list" in each.now.trouble.message
        await settled(engine)
        assert (await engine.story(each.id)).count("workflow.failed") == 1
        assert (await engine.job(each.id)).now.state is State.FAILED


async def test_a_missing_result_is_no_list(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"list": job(), "each": job(for_each="list")})
        await end(engine, run, "list")
        assert await ended(engine, run, "each") is State.FAILED
        assert await ended(engine, run) is State.FAILED


async def test_a_fan_out_that_fails_skips_what_waits_for_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {"each": job(for_each=["a", "b"]), "all": job(depends_on=["each"])},
        )
        await engine.until(EventType.WORKFLOW_GROWN, job=(await find(engine, run, "each")).id)
        await end(engine, run, "each/0", 1)
        await end(engine, run, "each/1")
        assert await ended(engine, run, "each") is State.FAILED
        assert await ended(engine, run, "all") is State.SKIPPED


async def test_a_canceled_fan_out_without_tasks_stays_canceled(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"list": job(), "each": job(for_each="list")})
        await running(engine, run, "list")
        each = (await find(engine, run, "each")).id
        await engine.ask(ask.Cancel(targets=to(each)))
        assert await ended(engine, run, "each") is State.CANCELED
        await end(engine, run, "list", says=[1])
        assert await ended(engine, run) is State.CANCELED
        await settled(engine)
        assert (await engine.job(each)).now.state is State.CANCELED
        assert await engine.desk.store.task_number(each) == 0


async def test_a_workflow_within_one(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        inner = {
            "tasks": {
                "x": job(),
                "y": job(depends_on=["x"], command=["echo", "${{ params.deep }}"]),
            },
            "params": {"deep": 1},
        }
        run = await start(
            engine,
            {
                "a": job(),
                "in": {
                    "workflow": inner,
                    "depends_on": ["a"],
                    "params": {"deep": "${{ params.top }}"},
                },
                "b": job(depends_on=["in"]),
            },
            given={"top": 42},
            params={"top": 1},
        )
        await running(engine, run, "a")
        assert (await find(engine, run, "in/x")).now.state is State.PENDING
        await end(engine, run, "a")
        await end(engine, run, "in/x", says=1)
        attempt = await running(engine, run, "in/y")
        assert engine.host.orders[attempt].argv == ("echo", "42")
        assert told(engine, attempt)["params"] == {"deep": 42}
        await end(engine, run, "in/y", says=2)
        attempt = await running(engine, run, "b")
        assert told(engine, attempt)["results"] == {"in": {"x": 1, "y": 2}}
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_nothing_within_a_skipped_workflow_runs(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        end_of_x = [{"task": "x", "after": "end"}]
        inner = {"tasks": {"x": job(), "tidy": job(depends_on=end_of_x)}}
        run = await start(
            engine,
            {"a": job(), "in": {"workflow": inner, "depends_on": ["a"]}},
        )
        await end(engine, run, "a", 1)
        assert await ended(engine, run) is State.FAILED
        await settled(engine)
        assert (await find(engine, run, "in")).now.state is State.SKIPPED
        assert (await find(engine, run, "in/tidy")).now.state is State.SKIPPED
        assert len(engine.host.orders) == 1


async def test_a_workflow_within_waits_for_jobs_outside_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [other] = await engine.submit(job())
        await engine.running(other)
        inner = {"tasks": {"x": job()}}
        run = await start(engine, {"in": {"workflow": inner, "depends_on": [f"#{other}"]}})
        await settled(engine)
        assert (await find(engine, run, "in/x")).now.state is State.PENDING
        engine.host.end(await engine.running(other), 0)
        await end(engine, run, "in/x")
        assert await ended(engine, run) is State.SUCCEEDED


async def test_an_array_is_a_task(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(
            engine,
            {
                "a": job(),
                "sweep": job(
                    command=["do", "{item}"], array={"values": ["x", "y"]}, depends_on=["a"]
                ),
                "b": job(depends_on=["sweep"]),
            },
        )
        await end(engine, run, "a")
        sweep = (await find(engine, run, "sweep")).id
        for n, word in enumerate("xy"):
            members = await engine.desk.store.members(sweep, 0, 10)
            attempt = await engine.running(members[n].id)
            assert engine.host.orders[attempt].argv == ("do", word)
            engine.host.results[attempt] = str(n).encode()
            engine.host.end(attempt, 0)
            await engine.until_state(members[n].id, *FINAL)
        attempt = await running(engine, run, "b")
        assert told(engine, attempt)["results"] == {"sweep": [0, 1]}
        await end(engine, run, "b")
        assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("within", ["workflow", "array", "map"])
async def test_a_run_that_stops_cancels_what_waits_within(tmp_path: Path, within: str) -> None:
    async with an_engine(tmp_path) as engine:
        inner: dict[str, Any] = {
            "workflow": {"workflow": {"tasks": {"x": job(), "y": job(depends_on=["x"])}}},
            "array": job(array={"values": ["1", "2"]}),
            "map": job(for_each=[1, 2]),
        }[within]
        run = await start(
            engine,
            {
                "bad": job(),
                "slow": job(),
                "in": {**inner, "depends_on": ["slow"]},
                "last": job(depends_on=["in"]),
                "rescue": job(depends_on=[{"task": "bad", "after": "failure"}]),
                "tidy": job(depends_on=[{"task": "last", "after": "end"}]),
            },
            on_failure="stop",
        )
        await running(engine, run, "slow")
        await end(engine, run, "bad", 1)
        assert await ended(engine, run, "in") is State.CANCELED
        await end(engine, run, "rescue")
        await end(engine, run, "slow")
        await end(engine, run, "tidy")
        assert await ended(engine, run) is State.FAILED
        await settled(engine)
        found = await states(engine, run)
        assert (found["in"], found["last"]) == ("canceled", "canceled")
        assert (await engine.story(run)).count("workflow.stopped") == 1
        assert len(engine.host.orders) == 4
        assert await engine.desk.store.check() == []


async def test_never_more_at_once_than_a_workflow_allows(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {f"t{n}": job() for n in range(6)}, limit=2)
        for _ in range(3):
            await settled(engine)
            found = await states(engine, run)
            now = [name for name, state in found.items() if state == "running"]
            assert len(now) == 2
            for name in now:
                await end(engine, run, name)
        assert await ended(engine, run) is State.SUCCEEDED


async def test_runs_of_one_name_have_numbers(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        runs = [await start(engine, {"a": job()}) for _ in range(3)]
        flows = [await engine.desk.store.flow(run) for run in runs]
        assert [flow.run for flow in flows if flow] == [1, 2, 3]
        for run in runs:
            await end(engine, run, "a")
            assert await ended(engine, run) is State.SUCCEEDED


@pytest.mark.parametrize("count", [150, 3000])
async def test_a_large_workflow_comes_in_whole_and_runs(tmp_path: Path, count: int) -> None:
    host = FakeBackend()
    host.ends_at_once = 0
    async with an_engine(tmp_path, host) as engine:
        tasks = {f"t{n}": job(depends_on=[f"t{n // 2}"] if n else []) for n in range(count)}
        run = await start(engine, tasks)
        assert await engine.desk.store.task_number(run) == count
        async with asyncio.timeout(60):
            async for event in engine.desk.timeline.follow(Seq(0), run):
                if event.type is EventType.WORKFLOW_COMPLETED:
                    break
        assert len(host.orders) == count
        assert await engine.desk.store.check() == []


async def test_a_restart_finds_everything_again(tmp_path: Path) -> None:
    host = FakeBackend()
    tasks = {
        "list": job(),
        "each": job(for_each="list"),
        "all": job(depends_on=["each"], command=["echo", "${{ results.each }}"]),
    }
    async with an_engine(tmp_path, host) as engine:
        run = await start(engine, tasks)
        await end(engine, run, "list", says=[1, 2])
    async with an_engine(tmp_path, host) as engine:
        for n in range(2):
            await engine.until(
                EventType.WORKFLOW_GROWN, job=(await find(engine, run, "each")).id
            )
            await end(engine, run, f"each/{n}", says=n)
    async with an_engine(tmp_path, host) as engine:
        attempt = await running(engine, run, "all")
        assert engine.host.orders[attempt].argv == ("echo", "[0,1]")
        await end(engine, run, "all")
        assert await ended(engine, run) is State.SUCCEEDED
        await until_all(
            engine, run, {"list": "succeeded", "each": "succeeded", "all": "succeeded"}
        )


async def test_who_else_follows_a_failure_does_not_stand_in_for_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        failed = [{"task": "a", "after": "failure"}]
        run = await start(
            engine,
            {
                "a": job(fallback={"task": "spare"}),
                "alarm": job(depends_on=failed),
                "spare": job(),
                "b": job(depends_on=["a", "alarm"], command=["echo", "${{ results.a }}"]),
                "slow": job(),
            },
        )
        await end(engine, run, "a", 1)
        await end(engine, run, "alarm", says="alarm")
        await end(engine, run, "spare", says="spare")
        attempt = await running(engine, run, "b")
        assert engine.host.orders[attempt].argv == ("echo", "spare")
        await grow(engine, run, {"c": job(depends_on=["a"], command=["${{ results.a }}"])})
        attempt = await running(engine, run, "c")
        assert engine.host.orders[attempt].argv == ("spare",)
