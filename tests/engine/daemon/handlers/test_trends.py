"""What trends tell of a real engine's jobs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import InvalidSpec, NotFound
from engine.model.ids import Seq
from engine.model.states import State
from tests.kit.engine import Engine, an_engine

TRUE: dict[str, Any] = {"argv": ["true"], "queue": "gpu"}


async def trends(engine: Engine, **fields: Any) -> Any:
    return await engine.ask(ask.GetTrends(**fields))


async def worked(engine: Engine) -> None:
    """One job succeeded, one failed, one waits on hold."""
    done, failed = await engine.submit(TRUE, {**TRUE, "max_attempts": 1})
    engine.host.end(await engine.running(done), 0)
    engine.host.end(await engine.running(failed), 3)
    await engine.until_state(done, State.SUCCEEDED)
    await engine.until_state(failed, State.FAILED)
    await engine.submit({**TRUE, "hold": True})


async def test_lives_of_jobs_are_counted_for_all_and_for_their_queue(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        for queue in (None, "gpu"):
            found = await trends(engine, queue=queue)
            counts = [sum(found.came), sum(found.started), sum(found.done), sum(found.failed)]
            assert counts == [3, 2, 1, 1]
            assert found.depth[-1] == found.recent.depth == 1
            assert found.width_ms == 60_000
            assert len(found.done) == 60
        whole = await trends(engine)
        assert whole.recent.done_per_s > 0
        assert whole.recent.run_ms_p95 is not None
        assert whole.recent.round_ms_p95 is not None
        assert sum(map(bool, whole.run_ms_p95)) >= 1


async def test_a_quiet_queue_has_none(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        found = await trends(engine, queue="default", range_ms=900_000, buckets=30)
        assert sum(found.came) == 0
        assert found.recent.run_ms_p50 is None
        assert (found.width_ms, len(found.came)) == (30_000, 30)


async def test_a_day_is_told_in_coarser_spans(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        found = await trends(engine, range_ms=86_400_000, buckets=100)
        assert found.width_ms % 120_000 == 0
        assert sum(found.done) == 1
        assert len(found.done) <= 100


async def test_the_last_hour_is_read_back_after_a_restart(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
    async with an_engine(tmp_path) as engine:
        await engine.desk.past_hour.recall(engine.desk.store)
        found = await trends(engine, queue="gpu")
        assert sum(found.done) >= 1
        assert sum(found.came) == 3 * sum(found.done)
        assert found.now_at - found.since_at >= 3_600_000_000


@pytest.mark.parametrize(
    "fields",
    [{"range_ms": 0}, {"range_ms": 86_400_001}, {"buckets": 0}, {"buckets": 721}],
)
async def test_what_cannot_be_is_refused(tmp_path: Path, fields: dict[str, int]) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec):
            await trends(engine, **fields)


async def test_an_unknown_queue_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        with pytest.raises(NotFound, match="did you mean 'gpu'"):
            await trends(engine, queue="gpo")


async def test_the_hour_before_a_moment_of_the_past(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        head = engine.desk.timeline.head
        await worked(engine)
        for queue in (None, "gpu"):
            found = await trends(engine, as_of=head, queue=queue)
            counts = [sum(found.came), sum(found.started), sum(found.done), sum(found.failed)]
            assert counts == [3, 2, 1, 1]
            assert found.recent.depth == 1
        with pytest.raises(InvalidSpec, match="has not happened"):
            await trends(engine, as_of=head + 10_000)


async def test_the_log_of_a_moment_is_read_once_for_all_who_ask(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await worked(engine)
        desk, head = engine.desk, engine.desk.timeline.head
        before = desk.past_hour.before
        first, again = await asyncio.gather(before(desk.store, head), before(desk.store, head))
        assert first is again
        for moment in (head - 1, head - 2):
            await before(desk.store, Seq(moment))
        assert await before(desk.store, head) is not first
