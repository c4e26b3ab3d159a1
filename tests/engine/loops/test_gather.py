"""Outputs come home, whatever is away meanwhile; the job is what its code says."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.artifacts.folder import Folder
from engine.backends.protocol import Chunk
from engine.clock import ManualClock
from engine.errors import Unreachable
from engine.loops.gather import AGAIN_S
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.keeping import OUTPUTS_MAX_BYTES, Collected
from engine.model.states import State
from tests.engine.artifacts.tars import a_sparse_tar, a_tar
from tests.kit.engine import Engine, FakeBackend, an_engine

BUILD: dict[str, Any] = {"argv": ["make"], "outputs": ["junit:report.xml", "dist/*.whl"]}
MISSING = "no file matched dist/*.whl"
TAR = a_tar({"report.xml": b"<testsuites/>", "dist/a.whl": b"wheel"})


async def ran(engine: Engine, tar: bytes, code: int = 0, **fields: Any) -> AttemptId:
    """An attempt that has ended and left this."""
    [job] = await engine.submit(BUILD | fields)
    attempt = await engine.running(job)
    engine.host.outputs[attempt] = tar
    engine.host.end(attempt, code)
    await engine.until_state(job, State.SUCCEEDED, State.FAILED)
    return attempt


def job_of(attempt: AttemptId) -> JobId:
    return JobId(int(attempt.split("-")[0]))


async def test_outputs_become_artifacts_and_the_host_is_tidied_then(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, TAR)
        event = await engine.until(EventType.ARTIFACTS_KEPT, job=job_of(attempt))
        assert event.data["number"] == 2
        found = await engine.desk.store.artifacts(job=job_of(attempt))
        assert [(one.path, one.type.value, one.size) for one in reversed(found)] == [
            ("report.xml", "junit", 13),
            ("dist/a.whl", "other", 5),
        ]
        assert await engine.desk.shelf.read(found[0].sha, 0, 10) == b"wheel"
    assert (await outputs(tmp_path, attempt)) is Collected.KEPT


async def outputs(folder: Path, attempt: AttemptId) -> Collected | None:
    async with an_engine(folder) as engine:
        found = await engine.desk.store.collection(attempt)
        return found.state if found else None


async def test_a_failure_leaves_outputs_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, TAR, code=1, max_attempts=1)
        await engine.until(EventType.ARTIFACTS_KEPT, job=job_of(attempt))
        assert (await engine.job(job_of(attempt))).now.state is State.FAILED


async def test_what_is_missing_is_noted_and_changes_no_outcome(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, a_tar({"report.xml": b""}))
        job = await engine.job(job_of(attempt))
        assert (job.now.state, job.now.note) == (State.SUCCEEDED, MISSING)


async def test_what_is_missing_is_noted_after_the_end_too(tmp_path: Path) -> None:
    clock, host = ManualClock(), Away()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        attempt = await ran(engine, a_tar({"report.xml": b""}))
        host.is_away = False
        await until(clock, lambda: attempt in host.tidied)
        event = await engine.until(EventType.JOB_EDITED, job=job_of(attempt))
        assert event.cause == MISSING
        assert (await engine.job(job_of(attempt))).now.note == MISSING


async def test_who_depends_on_it_finds_the_artifacts_there(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(BUILD)
        [after] = await engine.submit({"argv": ["use"], "after": [job]})
        attempt = await engine.running(job)
        engine.host.outputs[attempt] = TAR
        engine.host.end(attempt)
        kept = await engine.until(EventType.ARTIFACTS_KEPT, job=job)
        queued = await engine.until(EventType.JOB_QUEUED, job=after)
        assert kept.seq < queued.seq


async def test_a_job_without_outputs_owes_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, TAR, outputs=[])
        assert await engine.desk.store.collection(attempt) is None


async def test_a_torn_tar_is_lost_and_said(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, TAR[:700])
        event = await engine.until(EventType.ARTIFACTS_LOST, job=job_of(attempt))
        assert "lost" in event.cause
        assert (await engine.job(job_of(attempt))).now.state is State.SUCCEEDED


async def test_a_daemon_that_ends_leaves_the_next_one_to_gather(tmp_path: Path) -> None:
    host = Away()
    async with an_engine(tmp_path, host) as engine:
        attempt = await ran(engine, TAR)
        await host.was_asked.wait()
    assert attempt not in host.tidied
    host.is_away = False
    async with an_engine(tmp_path, host) as engine:
        await engine.until(EventType.ARTIFACTS_KEPT, job=job_of(attempt))
        assert len(await engine.desk.store.artifacts(job=job_of(attempt))) == 2


async def test_a_host_that_is_away_is_asked_again(tmp_path: Path) -> None:
    clock, host = ManualClock(), Away()
    async with an_engine(tmp_path, host, clock=clock) as engine:
        attempt = await ran(engine, TAR)
        await host.was_asked.wait()
        await until(clock, lambda: host.asked > 2)
        assert (await engine.job(job_of(attempt))).now.state is State.SUCCEEDED
        marked = await engine.desk.store.collection(attempt)
        assert marked is not None
        assert (marked.state, marked.note) == (Collected.OWED, "no route")
        host.is_away = False
        await until(clock, lambda: attempt in host.tidied)
        assert len(await engine.desk.store.artifacts(job=job_of(attempt))) == 2


async def test_blobs_of_artifacts_are_where_the_shelf_has_them(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, TAR)
        await engine.until(EventType.ARTIFACTS_KEPT, job=job_of(attempt))
        shas = {one.sha for one in await engine.desk.store.artifacts()}
    assert {blob.sha for blob, _ in Folder(tmp_path / "blobs").found()} == shas
    async with an_engine(tmp_path) as engine:
        assert (await engine.desk.store.blob_bytes())[0] == len(shas)


class Away(FakeBackend):
    """A host whose outputs cannot be read for now."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = True
        self.asked = 0
        self.was_asked = asyncio.Event()

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        if stream == "outputs" and self.is_away:
            self.asked += 1
            self.was_asked.set()
            raise Unreachable("no route")
        return await super().tail(attempt, stream, offset, limit)


async def until(clock: ManualClock, condition: Callable[[], bool]) -> None:
    """Let time pass until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            clock.advance(AGAIN_S)
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("note", "why"),
    [(b"large", "more than 1,073,741,824 bytes"), (b"failed", "could not pack them")],
)
async def test_what_its_host_could_not_pack_is_not_said_to_be_missing(
    tmp_path: Path, note: bytes, why: str
) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(BUILD)
        attempt = await engine.running(job)
        engine.host.notes[attempt] = b"cache a miss:k 1 0 .\noutputs %b .\n" % note
        engine.host.end(attempt, 0)
        event = await engine.until(EventType.ARTIFACTS_LOST, job=job)
        assert why in event.cause
        assert (await engine.until_state(job, State.SUCCEEDED)).now.state is State.SUCCEEDED


class Boaster(FakeBackend):
    """Says of its outputs that they are more than anybody takes."""

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        chunk = await super().tail(attempt, stream, offset, limit)
        return replace(chunk, size=OUTPUTS_MAX_BYTES + 1) if stream == "outputs" else chunk


async def test_more_than_is_taken_is_lost_and_said(tmp_path: Path) -> None:
    async with an_engine(tmp_path, Boaster()) as engine:
        attempt = await ran(engine, TAR)
        event = await engine.until(EventType.ARTIFACTS_LOST, job=job_of(attempt))
        assert "at most 1,073,741,824" in event.cause


async def test_how_much_is_taken_is_configured(tmp_path: Path) -> None:
    async with an_engine(tmp_path, outputs_max_bytes=len(TAR) - 1) as engine:
        attempt = await ran(engine, TAR)
        event = await engine.until(EventType.ARTIFACTS_LOST, job=job_of(attempt))
        assert f"at most {len(TAR) - 1:,} bytes (artifacts.outputs_max_bytes)" in event.cause


async def test_its_host_is_told_how_much_is_taken_and_how_much_caches_may_have(
    tmp_path: Path,
) -> None:
    bounds = {"outputs_max_bytes": 2**20, "caches_max_bytes": 2**21}
    async with an_engine(tmp_path, **bounds) as engine:
        order = engine.host.orders[await ran(engine, TAR)]
        assert (order.outputs_max_bytes, order.caches_max_bytes) == (2**20, 2**21)


async def test_a_tar_that_lies_of_its_numbers_is_lost_and_the_next_is_kept(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        attempt = await ran(engine, a_sparse_tar("many", "a,b"))
        await engine.until(EventType.ARTIFACTS_LOST, job=job_of(attempt))
        attempt = await ran(engine, TAR)
        await engine.until(EventType.ARTIFACTS_KEPT, job=job_of(attempt))
