"""A frozen tree is on its host before anything is started in it, or it is said why not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from engine.artifacts.folder import Folder
from engine.clock import ManualClock
from engine.control.messages import HasBlob, PutBlob
from engine.loops.dispatch import AGAIN_S
from engine.model.ids import JobId
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import Engine, FakeBackend, an_engine


async def frozen(engine: Engine, data: bytes = b"a tar") -> str:
    """The name of a tree that the daemon has."""

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    return (await engine.desk.shelf.put(pieces())).sha


async def job(engine: Engine, sha: str, **fields: Any) -> JobId:
    [made] = await engine.submit({"argv": ["make"], "frozen": sha, "max_attempts": 1} | fields)
    return made


async def test_the_tree_is_there_before_the_start(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        sha = await frozen(engine)
        attempt = await engine.running(await job(engine, sha))
        assert engine.host.blobs == {sha: b"a tar"}
        assert engine.host.orders[attempt].frozen == sha


async def test_a_tree_that_is_gone_fails_the_job_in_words(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        made = await job(engine, "0" * 64)
        ended = await engine.until_state(made, State.FAILED)
        assert ended.now.trouble is not None
        assert "freeze it again" in ended.now.trouble.message
        assert engine.host.orders == {}


async def test_a_tree_that_has_changed_is_not_given_away(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        sha = await frozen(engine)
        Folder(tmp_path / "blobs").path(sha).write_bytes(b"a tbr")
        await engine.until_state(await job(engine, sha), State.FAILED)
        assert engine.host.blobs == {}


async def test_a_host_that_is_cut_off_gets_it_later(tmp_path: Path) -> None:
    clock, host = ManualClock(), FakeBackend()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        sha = await frozen(engine)
        host._cut = "no route"  # nobody notices before somebody asks
        made = await job(engine, sha)
        await turns(200)
        assert (await engine.job(made)).now.state is State.QUEUED
        host.mend()
        while not host.orders:
            clock.advance(AGAIN_S)
            await turns(1)
        assert host.blobs == {sha: b"a tar"}


async def test_a_blob_comes_in_pieces_and_only_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert not (await engine.ask(HasBlob(sha=sha))).whole  # type: ignore[attr-defined]
        await engine.ask(PutBlob(sha=sha, data=b"a"))
        last: Any = await engine.ask(PutBlob(sha=sha, data=b"bc", offset=1, last=True))
        assert (last.whole, last.size) == (True, 3)
        assert (await engine.ask(HasBlob(sha=sha))).whole  # type: ignore[attr-defined]
        assert await engine.desk.shelf.read(sha, 0, 9) == b"abc"
