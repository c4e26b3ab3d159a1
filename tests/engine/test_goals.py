"""Exclusive goals through the whole engine: who has the lock, and when the next one gets it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Acted, GoalsView
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import State
from engine.store.sqlite.store import SqliteStore
from tests.engine.loops.test_dispatch import when
from tests.kit.engine import Engine, FakeBackend, an_engine

FOR_X: dict[str, Any] = {"argv": ["true"], "goal": "x"}


@pytest.mark.parametrize("code", [0, 1])
async def test_the_next_one_starts_when_the_holder_ends(tmp_path: Path, code: int) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        first, second = await engine.submit(FOR_X, FOR_X)
        engine.host.end(await engine.running(first), code)
        await engine.running(second)
        assert engine.desk.working_set.goals.holders == {"x": (second,)}


async def test_who_holds_a_lock_for_its_retry_cannot_change_its_goal(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**FOR_X, "max_attempts": 5, "retry_backoff_ms": 50_000})
        engine.host.end(await engine.running(job), 1)
        await engine.until_state(job, State.RETRYING)
        told = await edit(engine, job, goal="y")
        assert "keeps the lock of goal `x`" in (told.results[0].error or "")
        await engine.ask(ask.Cancel(targets=Targets(ids=(job,))))
        await engine.until_state(job, State.CANCELED)
        assert engine.desk.working_set.goals.holders == {}


async def edit(engine: Engine, job: int, **changes: object) -> Acted:
    told = await engine.ask(ask.Edit(targets=Targets(ids=(job,)), changes=changes))
    assert isinstance(told, Acted)
    return told


async def test_who_waits_for_its_retry_with_the_lock_is_not_among_those_who_wait(
    tmp_path: Path,
) -> None:
    job = {**FOR_X, "max_attempts": 3, "retry_backoff_ms": 1}
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        first, second, *_ = await engine.submit(job, job, job, job)
        attempt = await engine.running(first)
        engine.desk.working_set.granting = False
        engine.host.end(attempt, 1)
        await engine.until_state(first, State.RETRYING)
        await engine.until_state(first, State.QUEUED)
        view = await engine.ask(ask.ListGoals())
        assert isinstance(view, GoalsView)
        [goal] = view.goals
        assert (goal.holders, goal.waiting, goal.first_waiter) == ((first,), 3, second)


async def test_a_lock_given_back_while_goals_are_listed_is_listed_still(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, store_type=Slow) as engine:
        [job] = await engine.submit(FOR_X)
        attempt = await engine.running(job)

        async def ends() -> None:
            engine.host.end(attempt, 0)
            await when(lambda: not engine.desk.working_set.goals.holders)

        store = engine.desk.store
        assert isinstance(store, Slow)
        store.meanwhile = ends
        view = await engine.ask(ask.ListGoals())
        assert isinstance(view, GoalsView)
        assert [goal.goal for goal in view.goals] == ["x"]


class Slow(SqliteStore):
    """Something happens before it tells of jobs."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def jobs(self, ids: Sequence[JobId]) -> list[Job]:
        if self.meanwhile is not None:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        return await super().jobs(ids)
