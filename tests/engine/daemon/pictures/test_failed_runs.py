"""A run that failed wants somebody: until a newer run begins, or for a day; then as now."""

from pathlib import Path
from typing import Any

from engine.clock import SystemClock
from engine.control import messages as ask
from engine.model.attention import Matter, Rank
from engine.model.ids import JobId
from engine.model.states import State
from engine.policy.why.failed_runs import TOLD_US
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import find, job, start


class Later(SystemClock):
    """A clock that can be put forward."""

    ahead_us = 0

    def now(self) -> int:
        return super().now() + self.ahead_us


async def matters(engine: Engine, as_of: int | None = None) -> list[Matter]:
    """Of runs alone, looked at anew."""
    engine.desk.minding.looked_s = None
    answer: Any = await engine.ask(ask.ListMatters(as_of=as_of))
    return [one for one in answer.matters if one.kind == "run"]


async def a_failure(engine: Engine) -> JobId:
    run = await start(engine, {"build": job(max_attempts=1), "ship": job(after=["build"])})
    build = await find(engine, run, "build")
    engine.host.end(await engine.running(build.id), 7)
    await engine.until_state(run, State.FAILED)
    return run


async def test_a_failed_run_is_told_with_where_to_look_and_can_be_acknowledged(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        run = await a_failure(engine)
        [one] = await matters(engine)
        assert (one.rank, one.subject, one.level) == (Rank.RUN, "flow", "bad")
        assert (one.key, one.jump) == (f"run:{run}", f"flows/{run}")
        assert one.affected == 1
        assert one.text.startswith("run 1 failed: ")
        await engine.ask(ask.Acknowledge(key=one.key))
        [known] = await matters(engine)
        assert known.acknowledged_by


async def test_the_newest_run_alone_counts_and_the_past_knows_the_older(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        before = await engine.desk.store.head()
        old = await a_failure(engine)
        then = await engine.desk.store.head()
        await start(engine, {"build": job()})
        assert await matters(engine) == []
        assert [one.key for one in await matters(engine, then)] == [f"run:{old}"]
        assert await matters(engine, max(before, 1)) == []


async def test_after_a_day_it_is_told_of_no_more(tmp_path: Path) -> None:
    clock = Later()
    async with an_engine(tmp_path, clock=clock) as engine:
        await a_failure(engine)
        clock.ahead_us = TOLD_US
        assert await matters(engine) == []
