"""Results that are reused within workflows and arrays: what a task was told decides."""

from pathlib import Path
from typing import Any

import pytest

from engine.control.messages import SubmitArray
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.states import State
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import end, ended, find, job, running, start, told


def kept(**said: Any) -> dict[str, Any]:
    """A task whose result is reused."""
    return job(memo="1h", **said)


async def fanned(engine: Engine, tasks: dict[str, Any]) -> JobId:
    """A run whose `each` has its tasks."""
    run = await start(engine, tasks)
    await engine.until(EventType.WORKFLOW_GROWN, job=(await find(engine, run, "each")).id)
    return run


async def outcome(engine: Engine, run: JobId, path: str) -> str:
    """`runs`, or what its note says once it has ended without a run."""
    found = await find(engine, run, path)
    now = (await engine.until_state(found.id, State.RUNNING, State.SUCCEEDED)).now
    return "runs" if now.state is State.RUNNING else now.note


async def test_a_hit_brings_its_result_to_who_waits_for_it(tmp_path: Path) -> None:
    tasks = {"make": kept(), "use": job(depends_on=["make"])}
    async with an_engine(tmp_path) as engine:
        first = await start(engine, tasks)
        await end(engine, first, "make", says={"loss": 0.5})
        await end(engine, first, "use")
        second = await start(engine, tasks)
        attempt = await running(engine, second, "use")
        assert told(engine, attempt)["results"] == {"make": {"loss": 0.5}}
        assert await outcome(engine, second, "make") == f"reused from #{first + 1}"
        await end(engine, second, "use")
        assert await ended(engine, second) is State.SUCCEEDED


@pytest.mark.parametrize(
    "tasks",
    [
        {"a": job(), "b": kept(depends_on=["a"])},
        {"a": job(), "b": kept(command=["do", "${{ results.a }}"], depends_on=["a"])},
    ],
    ids=["by its context", "in its command"],
)
async def test_another_result_before_it_is_another_run(tmp_path: Path, tasks: Any) -> None:
    async with an_engine(tmp_path) as engine:
        for says, expected in ((1, "runs"), (2, "runs"), (1, "reused")):
            run = await start(engine, tasks)
            await end(engine, run, "a", says=says)
            assert (await outcome(engine, run, "b")).split()[0] == expected
            if expected == "runs":
                await end(engine, run, "b", says=says)


async def test_another_result_of_a_fan_out_is_another_run(tmp_path: Path) -> None:
    tasks = {"each": job(for_each=["x"]), "all": kept(depends_on=["each"])}
    async with an_engine(tmp_path) as engine:
        for says, expected in ((1, "runs"), (2, "runs"), (1, "reused")):
            run = await fanned(engine, tasks)
            await end(engine, run, "each/0", says=says)
            assert (await outcome(engine, run, "all")).split()[0] == expected
            if expected == "runs":
                await end(engine, run, "all")


async def test_who_said_what_belongs_to_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for order in (["a", "b"], ["b", "a"]):
            run = await start(engine, {"a": job(), "b": job(), "c": kept(depends_on=order)})
            for name, says in zip(order, (1, 2), strict=True):
                await end(engine, run, name, says=says)
            assert await outcome(engine, run, "c") == "runs"
            await end(engine, run, "c")


async def test_other_params_are_another_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for value, expected in ((1, "runs"), (2, "runs"), (1, "reused")):
            run = await start(engine, {"a": kept()}, params={"p": 0}, given={"p": value})
            assert (await outcome(engine, run, "a")).split()[0] == expected
            if expected == "runs":
                await end(engine, run, "a")


async def test_tasks_of_a_fan_out_are_reused_one_by_one(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first = await fanned(engine, {"each": kept(for_each=["x", "y"])})
        for place in (0, 1):
            await end(engine, first, f"each/{place}", says=place)
        assert await ended(engine, first) is State.SUCCEEDED
        tasks = {"each": kept(for_each=["x", "z"]), "all": job(depends_on=["each"])}
        second = await fanned(engine, tasks)
        assert (await outcome(engine, second, "each/0")).startswith("reused")
        assert await outcome(engine, second, "each/1") == "runs"
        await end(engine, second, "each/1", says=7)
        attempt = await running(engine, second, "all")
        assert told(engine, attempt)["results"] == {"each": [0, 7]}
        await end(engine, second, "all")


async def test_members_of_an_array_are_reused_one_by_one(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first = await array(engine, "x", "y")
        for member in first:
            engine.host.end(await engine.running(member))
            await engine.until_state(member, State.SUCCEEDED)
        again, other = await array(engine, "x", "z")
        assert (await engine.until_state(again, State.SUCCEEDED)).now.attempts == 0
        await engine.running(other)


async def array(engine: Engine, *values: str) -> list[JobId]:
    """The members of an array over these values."""
    request = SubmitArray(job=kept(command=["do", "{item}"]), values=values)
    answer: Any = await engine.ask(request)
    whole = JobId(answer.jobs[0].id)
    return [one.id for one in await engine.desk.store.members(whole, 0, 10)]
