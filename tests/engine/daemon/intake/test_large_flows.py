"""Runs that are stored part by part, each while the next is made: all of one or nothing."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidSpec, KeyTaken
from engine.ledger.rows.flows import AT_ONCE
from engine.model.ids import JobId
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import job, start

MANY = 3 * AT_ONCE


def _tasks(**others: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"t{number}": job(hold=True) for number in range(MANY)} | others


async def _must_be_empty(engine: Engine) -> None:
    assert await engine.desk.store.jobs([JobId(number) for number in range(1, MANY + 9)]) == []
    assert await engine.desk.store.live_flows() == []


async def test_all_of_a_large_run_is_stored(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, _tasks())
        assert await engine.desk.store.task_number(run) == MANY


async def test_a_task_that_is_wrong_leaves_nothing_of_those_before_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        wrong = {"command": ["true"], "priority": "urgentest"}
        with pytest.raises(InvalidSpec, match="urgentest"):
            await start(engine, _tasks(last=wrong))
        await _must_be_empty(engine)


async def test_a_part_that_cannot_be_written_leaves_nothing_of_the_others(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = _tasks()
        for number in (1, AT_ONCE + 1):
            tasks[f"t{number}"]["key"] = "only one"
        with pytest.raises(KeyTaken):
            await start(engine, tasks)
        await _must_be_empty(engine)
