"""A database of before workflows: jobs that depended on others go on to wait for success."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.model.ids import JobId
from engine.model.spec import Constraints
from engine.model.states import State
from engine.store.protocol import NewJob
from engine.store.sqlite import group, migrating
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW

BEFORE = 10


async def _old(path: Path, patched: pytest.MonkeyPatch) -> list[JobId]:
    """A database of that schema: one that failed, one that runs, and four that wait."""
    known = migrating.steps()
    patched.setattr(migrating, "steps", lambda: known[:BEFORE])
    patched.setattr(group, "insert_dependencies", _insert_dependencies)
    store = await SqliteStore.open(path, ManualClock(NOW))
    try:
        author = Author(store, await store.take_over(NOW))
        bad, slow = await author.submit(), await author.submit(state=State.RUNNING)
        waiting = [
            await author.submit(
                state=State.PENDING,
                constraints=Constraints(depends_on=tuple(one.id for one in on)),
                now={"unmet": len(on)},
            )
            for on in ([bad], [slow], [bad, slow], [slow, bad])
        ]
        await author.end(bad, State.FAILED)
        return [job.id for job in (bad, slow, *waiting)]
    finally:
        await store.close()


def _insert_dependencies(db: sqlite3.Connection, jobs: Sequence[NewJob]) -> None:
    """As programs of that time did."""
    for new in jobs:
        for on in new.spec.constraints.depends_on:
            db.execute("INSERT INTO deps (job, on_job) VALUES (?, ?)", (new.id, on))


async def test_who_waited_waits_for_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "jobs.sqlite"
    with monkeypatch.context() as patched:
        bad, slow, *waiting = await _old(path, patched)
    store = await SqliteStore.open(path, ManualClock(NOW + 5))
    try:
        heard = [job.id for job in await store.settled_dependencies(9)]
        assert heard == [waiting[0], waiting[2], waiting[3]]
        stands = await store.awaited(waiting)
        assert [stands[job].unmet for job in waiting] == [1, 1, 2, 2]
        broken = [one.broken.id if one.broken else None for one in stands.values()]
        assert broken == [bad, None, bad, bad]
        author = Author(store, await store.take_over(NOW))
        await author.end(await author.job(slow))
        assert waiting[1] in [job.id for job in await store.settled_dependencies(9)]
        stands = await store.awaited(waiting[1:2])
        assert stands[waiting[1]].unmet == 0
        assert await store.live_flows() == []
        assert await store.check() == []
    finally:
        await store.close()
