"""The logs of a filter are searched within bounds, and what was not looked at is said."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import LogsFound, SearchTotal
from engine.daemon.handlers import STREAMS
from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.states import State
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}


async def search(engine: Engine, **asked: Any) -> tuple[list[LogsFound], SearchTotal]:
    asked = {"pattern": "boom", "streams": "out"} | asked
    stream = STREAMS[ask.SearchLogs](engine.desk, engine.caller, ask.SearchLogs(**asked))
    found = [one async for one in stream]
    assert found[-1].total is not None
    return found[:-1], found[-1].total


async def jobs(engine: Engine, *logs: bytes, queue: str = "default") -> list[JobId]:
    ids = await engine.submit(*[{**TRUE, "queue": queue} for _ in logs])
    for job, log in zip(ids, logs, strict=True):
        engine.host.logs[await engine.running(job)] = log
    return ids


async def test_all_logs_of_a_filter_are_searched(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=20)) as engine:
        first, _, third = await jobs(engine, b"a\nBoom 1\n", b"fine\n", b"boom 3\nboom 4\n")
        await jobs(engine, b"boom elsewhere\n", queue="other")
        await engine.submit({**TRUE, "hold": True})
        found, total = await search(engine, where="queue:default")
        assert {one.job: [hit.data for hit in one.hits] for one in found} == {
            first: [b"Boom 1"],
            third: [b"boom 3", b"boom 4"],
        }
        assert [hit.before for one in found if one.job == first for hit in one.hits] == [1]
        assert (total.matched, total.jobs, total.logs, total.hits) == (4, 4, 3, 3)
        assert (total.ended_by, total.unread) == ("", 0)


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"most_jobs": 2}, "jobs"),
        ({"most_hits": 3}, "hits"),
        ({"most_bytes": 10}, "bytes"),
        ({"most_ms": 0}, "time"),
    ],
)
async def test_every_bound_ends_it_and_is_named(
    tmp_path: Path, bound: dict[str, int], said: str
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=40)) as engine:
        await jobs(engine, *[b"boom\n" * 2] * 12)
        found, total = await search(engine, **bound)
        assert total.ended_by == said
        assert total.hits == sum(len(one.hits) for one in found) < 24
        assert total.hits <= bound.get("most_hits", 24)
        if said == "jobs":
            assert (total.jobs, total.hits, total.matched) == (2, 4, 12)


async def test_one_log_gives_only_so_many_and_says_that_it_has_more(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await jobs(engine, b"boom\n" * 50, b"boom\n" * 5)
        found, total = await search(engine, each=5)
        assert [(len(one.hits), one.more) for one in found] == [(5, False), (5, True)] or [
            (len(one.hits), one.more) for one in found
        ] == [(5, True), (5, False)]
        assert total.ended_by == ""


async def test_a_host_out_of_reach_is_told_of_and_the_others_are_searched(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        [one, two] = await jobs(engine, b"boom\n", b"boom\n")
        engine.host.cut("no route")
        found, total = await search(engine)
        assert {each.job for each in found} == {one, two}
        assert all("`local` is out of reach: no route" in each.trouble for each in found)
        assert (total.unread, total.hits) == (2, 0)


async def test_older_attempts_are_searched_when_asked(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        first = await engine.running(job)
        engine.host.logs[first] = b"boom early\n"
        engine.host.end(first, 1)
        await engine.until_state(job, State.FAILED)
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(job,))))
        await engine.until_state(job, State.RUNNING)
        second = await engine.running(job)
        engine.host.logs[second] = b"boom late\n"
        newest, _ = await search(engine)
        assert [(one.number, one.hits[0].data) for one in newest] == [(2, b"boom late")]
        every, _ = await search(engine, all_attempts=True)
        assert [one.number for one in every] == [1, 2]


async def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        for bad in ({"where": "colour:red"}, {"pattern": ""}, {"streams": "all"}):
            with pytest.raises(InvalidSpec):
                await search(engine, **bad)
