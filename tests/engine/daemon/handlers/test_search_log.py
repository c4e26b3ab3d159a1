"""A log is searched where it lies: every line once, in order, from either end."""

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import LogFound
from engine.daemon.handlers import STREAMS
from engine.daemon.logs import hunt as log_hunt
from engine.errors import InvalidSpec, NotFound, Unreachable
from engine.model.ids import JobId
from engine.model.states import FINAL
from tests.kit.engine import Engine, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}
LOG = b"".join(b"step %d%s\n" % (n, b" ERROR" if n % 10 == 3 else b"") for n in range(200))


async def search(engine: Engine, **asked: Any) -> list[LogFound]:
    request = ask.SearchLog(**asked)
    return [one async for one in STREAMS[ask.SearchLog](engine.desk, engine.caller, request)]


async def written(engine: Engine, data: bytes, *, ended: bool = False) -> JobId:
    """A job that has written this."""
    [job] = await engine.submit(TRUE)
    attempt = await engine.running(job)
    engine.host.logs[attempt] = data
    if ended:
        engine.host.end(attempt, 0)
        await engine.until_state(job, *FINAL)
    return job


def hits(pieces: list[LogFound]) -> list[bytes]:
    return [hit.data for piece in pieces for hit in piece.hits]


async def test_the_lines_that_have_it_are_found_in_any_case(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await written(engine, LOG)
        found = await search(engine, id=job, pattern="error")
        assert hits(found) == [b"step %d ERROR" % n for n in range(3, 200, 10)]
        assert sum(piece.lines for piece in found) == 200
        assert [hit.before for hit in found[0].hits][:3] == [3, 13, 23]
        assert hits(await search(engine, id=job, pattern="Error")) == []
        regex = await search(engine, id=job, pattern="/^step 1?3 /")
        assert hits(regex) == [b"step 3 ERROR", b"step 13 ERROR"]


async def test_from_the_end_the_newest_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_hunt, "LEAST_WINDOW", 300)
    monkeypatch.setattr(log_hunt, "GROUP", 2)
    async with an_engine(tmp_path) as engine:
        job = await written(engine, LOG)
        found = await search(engine, id=job, pattern="ERROR", backwards=True, most=3)
        assert hits(found[:1])[-1] == b"step 193 ERROR"
        assert 3 <= len(hits(found)) <= 4
        ends = [piece.end for piece in found]
        assert ends == sorted(ends, reverse=True)


@pytest.mark.parametrize("seed", range(12))
async def test_pieces_lie_side_by_side_and_miss_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = Random(seed)
    monkeypatch.setattr(log_hunt, "LEAST_WINDOW", dice.randrange(5, 400))
    monkeypatch.setattr(log_hunt, "MOST_LENGTH", dice.randrange(5, 800))
    monkeypatch.setattr(log_hunt, "GROUP", dice.randrange(1, 4))
    async with an_engine(tmp_path) as engine:
        for _ in range(6):
            words = [b"", b"needle", b"x" * 40, b"Needle two"]
            lines = [dice.choice(words) for _ in range(dice.randrange(60))]
            data = b"".join(line + b"\n" for line in lines)
            job = await written(engine, data, ended=True)
            for backwards in (False, True):
                found = await search(engine, id=job, pattern="needle", backwards=backwards)
                check_whole(found[::-1] if backwards else found, lines, data)


def check_whole(found: list[LogFound], lines: list[bytes], data: bytes) -> None:
    assert hits(found) == [line for line in lines if b"needle" in line.lower()]
    assert (found[0].start, found[-1].end) == (0, len(data))
    assert all(one.end == other.start for one, other in pairwise(found))
    place = 0
    for piece in found:
        for hit in piece.hits:
            assert data[: hit.offset].count(b"\n") == place + hit.before
        place += piece.lines
    assert place == len(lines)


async def test_lines_around_come_along_when_asked(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await written(engine, LOG)
        [piece] = await search(engine, id=job, pattern="/ 3 /", context=2)
        [hit] = piece.hits
        assert (hit.above, hit.below) == ((b"step 1", b"step 2"), (b"step 4", b"step 5"))
        [first] = (await search(engine, id=job, pattern="/p 0$/", context=2))[0].hits
        assert (first.above, first.below[0]) == ((), b"step 1")


async def test_a_line_that_has_not_ended_is_left_to_the_next_search(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await written(engine, b"needle 1\nneedle 2 and")
        [piece] = await search(engine, id=job, pattern="needle")
        assert (hits([piece]), piece.end, piece.size) == ([b"needle 1"], 9, 21)
        [more] = await search(engine, id=job, pattern="needle", start=piece.end)
        assert (more.hits, more.end) == ((), 9)
        ended = await written(engine, b"needle 1\nneedle 2", ended=True)
        assert len(hits(await search(engine, id=ended, pattern="needle"))) == 2


async def test_nothing_to_look_for_counts_lines(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await written(engine, LOG)
        [piece] = await search(engine, id=job)
        assert (piece.lines, piece.hits) == (200, ())


async def test_what_cannot_be_searched_is_said(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await written(engine, LOG)
        for bad, error in (
            ({"pattern": "/(/"}, InvalidSpec),
            ({"stream": "log"}, InvalidSpec),
            ({"attempt": 0}, NotFound),
            ({"id": 99}, NotFound),
        ):
            with pytest.raises(error):
                await search(engine, **({"id": job, "pattern": "x"} | bad))
        engine.host.cut()
        with pytest.raises(Unreachable):
            await search(engine, id=job, pattern="x")
        [held] = await engine.submit({**TRUE, "hold": True})
        assert await search(engine, id=held, pattern="x") == []
