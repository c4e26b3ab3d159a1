"""Trouble at opening: each has its own error, and leaves the files as they were."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
    UnusableState,
)
from engine.model.ids import JobId
from engine.store.sqlite import connection
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW


async def _open(path: Path) -> SqliteStore:
    return await SqliteStore.open(path, ManualClock(NOW))


async def _made(path: Path) -> None:
    store = await _open(path)
    author = Author(store, await store.take_over(NOW))
    await author.submit(name="old")
    await store.close()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A database with one job, closed in order."""
    made = tmp_path / "state" / "jobs.sqlite"
    await _made(made)
    return made


def _change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(sql)


def _foreign(path: Path) -> None:
    path.unlink()
    _change(path, "CREATE TABLE cookies (name TEXT)")


def _text(path: Path) -> None:
    path.write_text("these are notes, not a database\n" * 100)


def _hole(path: Path) -> None:
    _change(path, "UPDATE meta SET value = 0 WHERE key = 'clean'")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


BROKEN: dict[str, tuple[Callable[[Path], None], type[StoreError]]] = {
    "newer": (lambda path: _change(path, "PRAGMA user_version = 999"), StoreTooNew),
    "foreign": (_foreign, StoreCorrupt),
    "text": (_text, StoreCorrupt),
    "damaged": (_hole, StoreCorrupt),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_file_that_cannot_be_used_is_not_touched(path: Path, kind: str) -> None:
    spoil, error = BROKEN[kind]
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(error, match=r"jobs\.sqlite"):
        await _open(path)
    assert path.read_bytes() == before


async def test_files_are_for_us_alone(path: Path) -> None:
    store = await _open(path)
    await store.take_over(NOW)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await store.close()
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_directory_open_to_others_is_refused(path: Path) -> None:
    path.parent.chmod(0o755)
    with pytest.raises(UnusableState, match="chmod 700"):
        await _open(path)


async def test_a_directory_behind_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path.parent)
    with pytest.raises(UnusableState, match="symbolic link"):
        await _open(link / path.name)


async def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(UnusableState, match="not a directory"):
        await _open(tmp_path / "state" / "jobs.sqlite")


async def test_a_read_only_file_is_refused(path: Path) -> None:
    path.chmod(0o400)
    with pytest.raises(StoreReadOnly):
        await _open(path)


async def test_a_locked_database_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_S", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked):
            await _open(path)
        other.execute("ROLLBACK")
    store = await _open(path)
    await store.close()


async def test_what_was_closed_comes_back(path: Path) -> None:
    store = await _open(path)
    job = await store.job(JobId(1))
    controller = await store.controller()
    await store.close()
    again = await _open(path)
    assert job is not None
    assert job.spec.name == "old"
    assert await again.controller() == controller
    assert await again.job(JobId(1)) == job
    await again.close()


async def test_an_older_schema_is_backed_up_before_it_is_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.store.sqlite import migrating

    known = migrating.steps()
    later = [*known, (known[-1][0] + 1, "CREATE TABLE extra (x INTEGER) STRICT;\n")]
    monkeypatch.setattr(migrating, "steps", lambda: later)
    store = await _open(path)
    await store.close()
    [backup] = path.parent.glob("jobs.sqlite.before-*")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as db, closing(sqlite3.connect(path)) as now:
        tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"
        assert (db.execute(tables).fetchone(), now.execute(tables).fetchone()) == ((0,), (1,))
        assert db.execute("SELECT name FROM jobs").fetchall() == [("old",)]


async def test_a_full_disk_loses_nothing_and_passes(path: Path) -> None:
    store = await _open(path)
    author = Author(store, await store.take_over(NOW))

    async def pages(limit: int) -> None:
        await store._writer.call(lambda db: db.execute(f"PRAGMA max_page_count = {limit}"))

    await pages(1)
    ballast = path.with_name("ballast")
    assert ballast.stat().st_size == 4 * 2**20

    async def fill() -> None:
        for _ in range(1000):
            await author.submit(name="x" * 1000)

    with pytest.raises(StoreFull):
        await fill()
    head = await store.head()
    assert not ballast.exists()
    await pages(2**30)
    await author.submit(name="again")
    assert await store.head() == head + 1
    assert await store.check() == []
    await store.close()
