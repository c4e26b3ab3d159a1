"""Exclusive goals through the whole engine: who has the lock, and when the next one gets it."""

from pathlib import Path

import pytest

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Acted
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

FOR_X = {"argv": ["true"], "goal": "x"}


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
