"""A database of schema 1 becomes one of the present schema, with everything in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.model.ids import JobId
from engine.model.spec import Constraints
from engine.store.sqlite import migrating
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW, a_spec

OLD_JOB = """
INSERT INTO jobs (id, tenant, namespace, owner, name, kind, trace_id, span_id, tags,
    surroundings, shape, created_at, max_attempts, command, state, queue, priority, version,
    attempts, failures, losses, worker, started_at, state_at, unmet, held_why, cancel_why,
    stopping, needs_operator, note)
VALUES (:id, 'default', 'ns', 'ann', 'old', 'command', '', '', '[]', 1, 1, 1, 1, 'true',
    :state, 'default', 2, :id, 1, 0, 0, 'w1', 5, 1, 0, '', '', 0, 0, '')
"""
QUEUE = """
INSERT INTO queues (name, "limit", weight, paused_why, version) VALUES (?, ?, ?, '', 1)
"""


async def _of_schema_1(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrating.steps()
    with monkeypatch.context() as patched:
        patched.setattr(migrating, "steps", lambda: known[:1])
        await (await SqliteStore.open(path, ManualClock(NOW))).close()
    spec = msgspec.json.encode(a_spec(constraints=Constraints(goal="g", session_id="s")))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for id_, state in ((1, "retrying"), (2, "succeeded")):
            db.execute(OLD_JOB, {"id": id_, "state": state})
            db.execute("INSERT INTO specs VALUES (?, ?)", (id_, spec))
            counted = ("default", "default", 2, state, 1)
            db.execute("INSERT INTO counters VALUES (?, ?, ?, ?, ?)", counted)
        db.execute("UPDATE meta SET value = 3 WHERE key = 'next_job'")
        db.execute("INSERT INTO events VALUES (2,1,'job.queued',1,NULL,NULL,NULL,'a','','{}')")
        for row in (("limited", 3, 1), ("heavy", None, 2), ("both", 3, 2), ("plain", None, 1)):
            db.execute(QUEUE, row)


async def test_what_schema_1_held_is_there_and_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "jobs.sqlite"
    await _of_schema_1(path, monkeypatch)
    store = await SqliteStore.open(path, ManualClock(NOW))
    try:
        assert [copy.name for copy in path.parent.glob("*.before-*")] == [
            "jobs.sqlite.before-0002"
        ]
        assert await store.check() == []
        assert {queue.name: queue.own for queue in await store.queues()} == {
            "both": ("limit", "weight"),
            "heavy": ("weight",),
            "limited": ("limit",),
            "plain": (),
        }
        assert await store.waiting_by_namespace() == {("default", "ns"): 1}
        assert await store.last_workers(9) == {"s": "w1"}
        assert [job.id for job in await store.goal_holders()] == [1]
        [standing] = await store.standings()
        assert (standing.state, standing.mark, standing.number) == ("retrying", "asleep", 1)
        author = Author(store, await store.take_over(NOW))
        moved = await author.move(await author.job(JobId(1)), note="moves")
        assert (await store.past(moved.id, moved.now.version - 1)) is not None  # type: ignore[arg-type]
        assert await store.check() == []
    finally:
        await store.close()
