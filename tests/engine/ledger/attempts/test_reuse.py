"""A result of the same stands in for a run: at once, and with all that it left."""

import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.artifacts.folder import Folder
from engine.artifacts.inputs import ABSENT, contents, named
from engine.control.messages import ClearCache, ListArtifacts, ShowCache
from engine.ledger.attempts.reuse import Reuse
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.states import State
from engine.model.workspaces import Workspace
from engine.policy.jobs.steering import cancel
from tests.engine.artifacts.tars import a_tar
from tests.kit.engine import Engine, FakeBackend, an_engine

MEMO: dict[str, Any] = {"argv": ["make"], "memo": "1h", "outputs": ["a.txt"]}


async def ran(engine: Engine, code: int = 0, tar: bytes = b"", **fields: Any) -> JobId:
    """A job that had to run, and has ended."""
    [job] = await engine.submit(MEMO | fields)
    attempt = await engine.running(job)
    engine.host.outputs[attempt] = tar or a_tar({"a.txt": b"made"})
    engine.host.end(attempt, code)
    await engine.until_state(job, State.SUCCEEDED, State.FAILED)
    await engine.until(EventType.ARTIFACTS_KEPT, job=job)
    return job


async def ended(engine: Engine, **fields: Any) -> JobId:
    """A job for which nothing runs."""
    [job] = await engine.submit(MEMO | fields)
    await engine.until_state(job, State.SUCCEEDED)
    return job


def reuse_of(engine: Engine) -> Reuse:
    desk = engine.desk
    return Reuse(desk.store, desk.working_set, desk.ledger.writer, desk.shelf, desk.clock)


async def test_the_second_of_the_same_does_not_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first = await ran(engine)
        second = await ended(engine)
        job = await engine.job(second)
        assert job.now.note == f"reused from #{first}"
        assert (job.now.attempts, job.now.started_at, job.now.worker) == (0, None, None)
        assert await engine.desk.store.attempts(second) == []
        event = await engine.until(EventType.JOB_COMPLETED, job=second)
        assert event.data["reused"] == first
        assert len(engine.host.orders) == 1


async def test_who_reuses_has_the_artifacts(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first = await ran(engine)
        view: Any = await engine.ask(ListArtifacts(job=await ended(engine)))
        assert [one.path for one in view.artifacts] == ["a.txt"]
        assert view.reused == first


async def test_it_survives_a_new_daemon(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine)
    async with an_engine(tmp_path) as engine:
        await ended(engine)


@pytest.mark.parametrize(
    "other",
    [{"argv": ["make", "all"]}, {"memo": {"ttl": "1h", "version": "2"}}, {"env": {"A": ""}}],
)
async def test_what_is_not_the_same_runs(tmp_path: Path, other: dict[str, Any]) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine)
        await ran(engine, **other)


async def test_a_failure_is_never_reused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine, code=1, max_attempts=1)
        await ran(engine)


async def test_other_inputs_are_another_run(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.c").write_text("one")
    memo: dict[str, Any] = {"memo": {"ttl": "1h", "inputs": [str(source)]}}
    async with an_engine(tmp_path / "state") as engine:
        await ran(engine, **memo)
        await ended(engine, **memo)
        (source / "a.c").write_text("two")
        await ran(engine, **memo)
        (source / "a.c").write_text("one")
        await ended(engine, **memo)


async def test_inputs_that_change_while_it_runs_are_those_of_nobody(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("one")
    memo: dict[str, Any] = {"memo": {"ttl": "1h", "inputs": [str(source)]}}
    async with an_engine(tmp_path / "state") as engine:
        [job] = await engine.submit(MEMO | memo)
        attempt = await engine.running(job)
        source.write_text("two")
        engine.host.outputs[attempt] = a_tar({"a.txt": b"made of two"})
        engine.host.end(attempt)
        await engine.until_state(job, State.SUCCEEDED)
        source.write_text("one")
        await ran(engine, **memo)
        await ended(engine, **memo)


async def test_artifacts_that_were_forgotten_bring_no_result(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine)
        store, clock = engine.desk.store, engine.desk.clock
        assert (
            await store.drop_artifacts(engine.desk.working_set.epoch, clock.now() + 1, 9) == 1
        )
        await ran(engine)


async def test_a_branch_is_never_reused(tmp_path: Path) -> None:
    workspace = Workspace(repo="/r", revision="main")
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(MEMO | {"hold": True})
        seen = await engine.job(job)
        seen = replace(seen, spec=replace(seen.spec, workspace=workspace))
        assert not await reuse_of(engine).consider(seen)
        assert await engine.desk.store.memo_number() == 0
        await engine.desk.ledger.act(seen, lambda one: cancel(one, 1, "ana"))


async def test_an_input_that_is_no_file_is_never_reused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    memo: dict[str, Any] = {"memo": {"ttl": "1h", "inputs": [str(tmp_path / "pipe")]}}
    async with an_engine(tmp_path / "state") as engine:
        await ran(engine, **memo)
        await ran(engine, **memo)


async def test_another_host_is_another_run(tmp_path: Path) -> None:
    async with an_engine(tmp_path, others={"far": FakeBackend()}) as engine:
        await ran(engine)
        [job] = await engine.submit(MEMO | {"required_workers": ["local"]})
        await engine.running(job)


async def test_a_result_with_a_flipped_bit_is_not_reused(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await ran(engine)
        [artifact] = await engine.desk.store.artifacts(job=job)
        path = Folder(tmp_path / "blobs").path(artifact.sha)
        path.write_bytes(b"mode")
        await ran(engine)


async def test_what_it_left_must_still_be_there(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        job = await ran(engine)
        [artifact] = await engine.desk.store.artifacts(job=job)
        Folder(tmp_path / "blobs").remove(artifact.sha)
        await ran(engine)


async def test_the_cache_is_counted_and_cleared(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine)
        await ended(engine)
        view: Any = await engine.ask(ShowCache())
        assert [(one.hits, one.misses) for one in view.counts if one.kind == "memo"] == [(1, 1)]
        assert view.results == 1
        cleared: Any = await engine.ask(ClearCache(results=True))
        assert cleared.results == 1
        await ran(engine)


async def test_one_that_is_canceled_meanwhile_stays_canceled(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await ran(engine)
        [job] = await engine.submit(MEMO | {"hold": True})
        seen = await engine.job(job)
        await engine.desk.ledger.act(seen, lambda one: cancel(one, 1, "ana"))
        assert not await reuse_of(engine).consider(seen)
        assert (await engine.job(job)).now.state is State.CANCELED


def test_contents_are_what_is_there_names_and_all(tmp_path: Path) -> None:
    seen: set[str] = set()
    assert contents(tmp_path / "nothing") == ABSENT
    for files in ({"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": ""}, {"a": "", "b": "1"}):
        folder = tmp_path / f"folder{len(seen)}"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        seen.add(contents(folder))
        assert contents(folder) == contents(folder)
    assert len(seen) == 5


def test_where_a_name_ends_and_contents_begin_is_in_the_digest(tmp_path: Path) -> None:
    seen = set()
    for name, target in (("a", "linkb"), ("alink", "b")):
        folder = tmp_path / target
        folder.mkdir()
        (folder / name).symlink_to(target)
        seen.add(contents(folder))
    assert len(seen) == 2


def test_what_a_link_leads_to_belongs_to_the_contents(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a").write_text("1")
    (inside / "file").symlink_to(outside / "a")
    (inside / "folder").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    (inside / "nowhere").symlink_to("gone")
    for path in (inside, inside / "file", inside / "folder"):
        (outside / "a").write_text("1")
        was = contents(path)
        (outside / "a").write_text("2")
        assert contents(path) != was


def test_a_pattern_is_all_that_matches(tmp_path: Path) -> None:
    pattern = f"{tmp_path}/*.c"
    seen = {named(pattern)}
    for name, text in (("a.c", "1"), ("b.c", "1"), ("b.c", "2"), ("[x].c", "1")):
        (tmp_path / name).write_text(text)
        seen.add(named(pattern))
    assert len(seen) == 5
    (tmp_path / "a.h").write_text("1")
    assert named(pattern) in seen
    assert named(f"{tmp_path}/[x].c") == contents(tmp_path / "[x].c")
