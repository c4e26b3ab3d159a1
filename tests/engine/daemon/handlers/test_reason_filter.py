"""`reason:` finds what waits, though why is known of lanes and not written to jobs."""

from pathlib import Path
from typing import Any

from engine.control import messages as ask
from tests.kit.engine import Engine, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def listed(engine: Engine, where: str) -> list[int]:
    page: Any = await engine.ask(ask.ListJobs(where=where, sort="id"))
    return [row.id for row in page.jobs]


async def waiting(engine: Engine) -> tuple[list[int], int, int]:
    """Two jobs of a paused queue, one on hold, one that depends on it."""
    await engine.ask(ask.SetQueue(name="p", pause=True, why="hot"))
    paused = await engine.submit({**TRUE, "queue": "p"}, {**TRUE, "queue": "p", "cpu": 2})
    [held] = await engine.submit({**TRUE, "hold": True})
    [after] = await engine.submit({**TRUE, "depends_on": [held]})
    return paused, held, after


async def test_a_gate_is_named_by_its_kind_or_its_words(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        paused, held, after = await waiting(engine)
        assert await listed(engine, "reason:queue-paused") == paused
        assert await listed(engine, "reason:queue-*") == paused
        assert await listed(engine, "reason:hold") == [held]
        assert await listed(engine, "reason:dependencies") == [after]
        assert await listed(engine, "reason~hot") == paused
        assert await listed(engine, "reason:backoff") == []


async def test_the_opposite_is_everything_else(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        paused, held, after = await waiting(engine)
        assert await listed(engine, "!reason:queue-paused") == [held, after]
        assert await listed(engine, "reason!=queue-paused") == [held, after]
        assert await listed(engine, "reason:hold | reason:queue-paused") == [*paused, held]


async def test_acts_are_for_the_same_jobs(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        paused, *_ = await waiting(engine)
        acted: Any = await engine.ask(
            ask.SetPriority(targets=ask.Targets(where="reason:queue-paused"), to="high")
        )
        assert [result.id for result in acted.results if result.ok] == paused


async def test_how_a_job_ended_is_found_as_before(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        engine.host.end(await engine.running(job), 3)
        await engine.ask(ask.Wait(ids=(job,)))
        assert await listed(engine, 'reason:"exit 3"') == [job]
