"""A submission that is refused writes nothing but the event that tells of it."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import NotAdmitted, Refused
from engine.model.rules import Pressure, QueueRules, Rules
from tests.kit.engine import Engine, an_engine

FULL = Rules(queues={"default": QueueRules(pressure=Pressure(max_depth=1))})
TABLES = ("jobs", "specs", "shapes", "surroundings", "batches", "arrays", "queues")


def rows(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "crabtui.db") as db:
        count = "SELECT count(*) FROM "
        return {name: db.execute(count + name).fetchone()[0] for name in TABLES}


async def send(engine: Engine, way: str, job: dict[str, Any], env: dict[str, str]) -> None:
    """Submit such jobs in one of the ways that there are."""
    match way.split():
        case ["bulk"]:
            await engine.ask(ask.SubmitBegin(count=1, env=env))
            await engine.ask(ask.SubmitChunk(lines=json.dumps(job) + "\n"))
        case ["array", count]:
            await engine.ask(ask.SubmitArray(job=job, values=(f"1-{count}",), env=env))
        case [count]:
            await engine.ask(ask.Submit(jobs=(job,) * int(count), env=env))


@pytest.mark.parametrize("way", ["1", "150", "bulk", "array 3", "array 300"])
async def test_refused_submissions_leave_no_rows(tmp_path: Path, way: str) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        engine.desk.working_set.set_rules(FULL)
        await engine.submit({"argv": ["true"]})
        before = rows(tmp_path)
        for number in range(1, 3):
            job = {"argv": ["true"], "cpu": number}
            with pytest.raises(NotAdmitted):
                await send(engine, way, job, {"X": str(number)})
        assert rows(tmp_path) == before


async def test_neither_do_jobs_that_fit_nowhere(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        before = rows(tmp_path)
        jobs = ({"argv": ["true"], "cpu": 2}, {"argv": ["true"], "cpu": 400})
        with pytest.raises(Refused):
            await engine.ask(ask.Submit(jobs=jobs, env={"X": "1"}))
        request = ask.SubmitArray(job=jobs[1], values=("1-3",), env={"X": "1"})
        with pytest.raises(Refused):
            await engine.ask(request)
        assert rows(tmp_path) == before
