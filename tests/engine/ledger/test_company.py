"""The start of an attempt that runs already waits for a commit to share, but not for long."""

import asyncio
from pathlib import Path

from engine.clock import ManualClock
from engine.model.ids import AttemptId, JobId
from engine.model.states import State
from tests.kit.engine import Engine, an_engine

TRUE = {"argv": ["true"]}
LONG_S = 5.0


async def heard_of(engine: Engine, job: JobId) -> AttemptId:
    """The attempt of the job, once its host has told that it runs."""
    async with asyncio.timeout(60):
        while True:
            live = engine.desk.working_set.live.by_job.get(job)
            if live is not None and live.report is not None:
                return live.attempt.id
            await asyncio.sleep(0)


async def test_a_start_is_written_alone_once_it_has_waited_long_enough(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, company_s=LONG_S) as engine:
        [job] = await engine.submit(TRUE)
        await heard_of(engine, job)
        assert (await engine.job(job)).now.state is State.QUEUED
        clock.advance(LONG_S)
        running = await engine.until_state(job, State.RUNNING)
        assert running.now.started_at == clock.now() - round(LONG_S * 1_000_000)


async def test_an_end_takes_the_start_along_at_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path, clock=ManualClock(), company_s=LONG_S) as engine:
        [job] = await engine.submit(TRUE)
        engine.host.end(await heard_of(engine, job), 0)
        await engine.until_state(job, State.SUCCEEDED)
        assert (await engine.story(job))[-2:] == ["job.started", "job.completed"]


async def test_a_start_goes_with_the_next_commit(tmp_path: Path) -> None:
    async with an_engine(tmp_path, clock=ManualClock(), company_s=LONG_S) as engine:
        [job] = await engine.submit(TRUE)
        await heard_of(engine, job)
        await engine.submit({**TRUE, "hold": True})
        await engine.until_state(job, State.RUNNING)
