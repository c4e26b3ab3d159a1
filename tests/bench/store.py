"""Lifecycles of jobs that do nothing, in the store alone, against raw SQLite.

One life is four durable changes: submitted, granted with attempt and lease, started, ended;
each with its event. The peer writes the least that could be called the same, three changes
of one short row with three events, through the same driver. Both commit 256 at a time with
`synchronous=FULL` on the same filesystem, in the same run.
"""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.errors import EngineError
from engine.model.events import EventType
from engine.model.ids import Epoch, JobId
from engine.model.job import Job, Shape
from engine.model.outcome import Verdict
from engine.model.spec import Surroundings
from engine.model.states import Phase, State
from engine.store.protocol import AttemptMove, Draft, JobMove, NewJob, Unit, Written
from engine.store.sqlite.store import SqliteStore
from tests.bench.figures import alternating, rate, ratios, scratch
from tests.kit.build import NOW, a_job, a_lease, an_attempt

LIVES = 8_192
GROUP = 256
BULK = 100_000
ROUNDS = 3


def measure() -> dict[str, Any]:
    """Lives a second, and jobs a second in bulk, for this store and for raw SQLite."""
    with scratch() as folder:
        fresh = (folder / str(number) for number in itertools.count())
        lives = alternating(
            ROUNDS,
            crabtui=lambda: asyncio.run(_lives(next(fresh))),
            raw_sqlite=lambda: _raw_lives(next(fresh)),
        )
        bulk = alternating(
            ROUNDS,
            crabtui=lambda: asyncio.run(_bulk(next(fresh))),
            raw_sqlite=lambda: _raw_bulk(next(fresh)),
        )
    return {
        "lives_per_s": lives,
        "bulk_jobs_per_s": bulk,
        "ratios": {
            "lives " + next(iter(ratios(lives, "crabtui"))): ratios(lives, "crabtui")[
                "crabtui / raw_sqlite"
            ],
            "bulk crabtui / raw_sqlite": ratios(bulk, "crabtui")["crabtui / raw_sqlite"],
        },
        "targets": {"lives crabtui / raw_sqlite": 0.15, "bulk crabtui / raw_sqlite": 0.15},
    }


async def _opened(folder: Path) -> tuple[SqliteStore, Epoch]:
    store = await SqliteStore.open(folder / "jobs.sqlite", SystemClock())
    epoch = await store.take_over(NOW)
    await store.intern_shape(Shape())
    await store.intern_surroundings(Surroundings())
    return store, epoch


async def _lives(folder: Path) -> float:
    store, epoch = await _opened(folder)
    try:
        spent_s = sum([await _live(store, epoch) for _ in range(LIVES // GROUP)])
        return LIVES / spent_s
    finally:
        await store.close()


async def _live(store: SqliteStore, epoch: Epoch) -> float:
    """Seconds that the store took for one group of jobs from submission to the end."""
    first = await store.reserve_ids(GROUP)
    jobs = [a_job(id=first + number) for number in range(GROUP)]
    spent_s = 0.0
    for change in (submitting, granting, starting, ending):
        units = [change(job, epoch) for job in jobs]
        began_s = time.perf_counter()
        answers = await store.write(units)
        spent_s += time.perf_counter() - began_s
        jobs = _moved(jobs, units, answers)
    return spent_s


def _moved(
    jobs: Sequence[Job], units: Sequence[Unit], answers: Sequence[Written | EngineError]
) -> list[Job]:
    moved = []
    for job, unit, answer in zip(jobs, units, answers, strict=True):
        assert isinstance(answer, Written), answer
        now = unit.moves[0].now if unit.moves else job.now
        moved.append(job.with_progress(replace(now, version=answer.versions[job.id])))
    return moved


def submitting(job: Job, epoch: Epoch) -> Unit:
    """The unit that makes a job known."""
    new = NewJob(
        id=job.id,
        spec=job.spec,
        surroundings=1,
        shape=1,
        created_at=job.created_at,
        now=job.now,
    )
    return Unit(epoch=epoch, new_jobs=[new], events=[told(EventType.JOB_SUBMITTED, job.id)])


def granting(job: Job, epoch: Epoch) -> Unit:
    """The unit that makes an attempt durable before it is started."""
    attempt = an_attempt(job, epoch=epoch)
    now = replace(job.now, attempt=attempt.id, worker="local")
    return Unit(
        epoch=epoch,
        moves=[JobMove(id=job.id, was=job.now, now=now, spec=job.spec)],
        new_attempts=[(attempt, a_lease(attempt))],
        events=[told(EventType.ATTEMPT_INTENT, job.id)],
    )


def starting(job: Job, epoch: Epoch) -> Unit:
    """The unit that records a process."""
    attempt = an_attempt(job, epoch=epoch)
    attempt = replace(attempt, phase=Phase.RUNNING, started_at=NOW, pid=4711, pid_start="1")
    now = replace(job.now, state=State.RUNNING, started_at=NOW, attempts=1)
    return Unit(
        epoch=epoch,
        moves=[JobMove(id=job.id, was=job.now, now=now, spec=job.spec)],
        attempt_moves=[AttemptMove(was_phase=Phase.INTENT, was_epoch=epoch, now=attempt)],
        events=[told(EventType.JOB_STARTED, job.id)],
    )


def ending(job: Job, epoch: Epoch) -> Unit:
    """The unit that records success and gives the lease back."""
    attempt = an_attempt(job, epoch=epoch, started_at=NOW, pid=4711, pid_start="1")
    attempt = replace(
        attempt, phase=Phase.ENDED, ended_at=NOW, verdict=Verdict.SUCCEEDED, exit_code=0
    )
    now = replace(job.now, state=State.SUCCEEDED, ended_at=NOW, attempt=None, exit_code=0)
    return Unit(
        epoch=epoch,
        moves=[JobMove(id=job.id, was=job.now, now=now, spec=job.spec)],
        attempt_moves=[AttemptMove(was_phase=Phase.RUNNING, was_epoch=epoch, now=attempt)],
        ended_leases=[attempt.id],
        events=[told(EventType.JOB_COMPLETED, job.id)],
    )


def told(kind: EventType, job: JobId) -> Draft:
    """An event as the loops write it."""
    return Draft(type=kind, job=job, tenant="default", worker="local")


async def _bulk(folder: Path) -> float:
    store, epoch = await _opened(folder)
    template = a_job("true")
    try:
        first = await store.reserve_ids(BULK)
        jobs = [
            NewJob(
                id=JobId(first + number),
                spec=replace(template.spec, name=f"job {number}"),
                surroundings=1,
                shape=1,
                created_at=NOW,
                now=template.now,
            )
            for number in range(BULK)
        ]
        last = JobId(first + BULK - 1)
        event = Draft(type=EventType.JOBS_SUBMITTED, data={"first": first, "last": last})
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await store.open_batch(first, last)
        for begin in range(0, BULK, 500):
            await store.add_to_batch(jobs[begin : begin + 500])
        await store.commit_batch(first, Unit(epoch=epoch, events=[event]))
        return BULK / (loop.time() - began_s)
    finally:
        await store.close()


RAW_SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT, version INTEGER, spec TEXT);
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, at INTEGER, type TEXT, job INTEGER, data TEXT);
"""
SPEC = '{"command": {"argv": ["true"]}}'


def _raw_lives(folder: Path) -> float:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "raw.sqlite", isolation_level=None)) as db:
        db.executescript(RAW_SCHEMA)
        return rate(lambda: _raw_groups(db), LIVES)


def _raw_groups(db: sqlite3.Connection) -> None:
    insert = "INSERT INTO jobs VALUES (?, 'queued', 1, ?)"
    move = "UPDATE jobs SET state = ?, version = ? WHERE id = ? AND version = ?"
    for first in range(1, LIVES, GROUP):
        ids = range(first, first + GROUP)
        _raw_commit(db, insert, [(job, SPEC) for job in ids], ids, "submitted")
        _raw_commit(db, move, [("running", 2, job, 1) for job in ids], ids, "started")
        _raw_commit(db, move, [("succeeded", 3, job, 2) for job in ids], ids, "completed")


def _raw_commit(
    db: sqlite3.Connection, sql: str, rows: Sequence[Any], ids: Sequence[int], kind: str
) -> None:
    event = "INSERT INTO events (at, type, job, data) VALUES (?, ?, ?, '{}')"
    db.execute("BEGIN IMMEDIATE")
    db.executemany(sql, rows)
    db.executemany(event, [(NOW, kind, job) for job in ids])
    db.execute("COMMIT")


def _raw_bulk(folder: Path) -> float:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "raw.sqlite", isolation_level=None)) as db:
        db.executescript(RAW_SCHEMA)
        return rate(lambda: _raw_rows(db), BULK)


def _raw_rows(db: sqlite3.Connection) -> None:
    for first in range(1, BULK, 500):
        db.execute("BEGIN IMMEDIATE")
        rows = [(job, SPEC) for job in range(first, first + 500)]
        db.executemany("INSERT INTO jobs VALUES (?, 'queued', 1, ?)", rows)
        db.execute("COMMIT")
