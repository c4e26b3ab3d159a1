"""Admission of jobs whose keys are held: what stores nothing more needs no room."""

from pathlib import Path

import pytest

from engine.control import messages as ask
from engine.errors import NotAllowed, QueueFull, QuotaExceeded
from engine.model.rules import Pressure, Quota, Rules, TenantRules
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

FULL = Rules(pressure=Pressure(max_depth=2))
CRITICAL = Rules(pressure=Pressure(max_depth=2, at_percent=(10, 20, 100)))
QUOTA = Rules(tenants={"default": TenantRules(quota=Quota(queued=2))})


def job(**fields: object) -> dict[str, object]:
    return {"command": ["true"], **fields}


async def filled(engine: Engine, rules: Rules) -> list[int]:
    await engine.ask(ask.SetQueue(name="default", pause=True))
    engine.desk.working_set.set_rules(rules)
    return [*await engine.submit(job(key="k"), job())]


@pytest.mark.parametrize("rules", [FULL, CRITICAL, QUOTA])
async def test_a_key_that_is_held_is_answered_where_there_is_no_room(
    tmp_path: Path, rules: Rules
) -> None:
    async with an_engine(tmp_path) as engine:
        [held, _] = await filled(engine, rules)
        assert await engine.submit(job(key="k"), on_key="return") == [held]
        with pytest.raises((QueueFull, QuotaExceeded)):
            await engine.submit(job(key="k"), job(), on_key="return")
        with pytest.raises((QueueFull, QuotaExceeded)):
            await engine.submit(job(key="other"), on_key="return")


@pytest.mark.parametrize("rules", [FULL, CRITICAL, QUOTA])
async def test_a_job_takes_the_place_of_the_one_that_it_replaces(
    tmp_path: Path, rules: Rules
) -> None:
    async with an_engine(tmp_path) as engine:
        [held, _] = await filled(engine, rules)
        [new] = await engine.submit(job(key="k"), on_key="replace")
        assert (await engine.job(held)).now.state is State.CANCELED  # type: ignore[arg-type]
        assert (await engine.job(new)).now.state is State.QUEUED
        with pytest.raises((QueueFull, QuotaExceeded)):
            await engine.submit(job(key="k"), job(), on_key="replace")
        assert (await engine.job(new)).now.state is State.QUEUED


async def test_what_runs_is_not_replaced_whatever_the_room(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        [running] = await engine.submit(job(key="k"))
        await engine.running(running)
        engine.desk.working_set.set_rules(FULL)
        with pytest.raises(NotAllowed):
            await engine.submit(job(key="k"), on_key="replace")
