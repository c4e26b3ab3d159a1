"""A whole round on a real store: refill, look, decide, write; 1 000 000 jobs against 10 000.

Each round reads as many jobs from the store as it grants, 16 from each of the 16 shortest
windows, so that both backlogs have the same work to do.
"""

import asyncio
import gc
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from engine.clock import SystemClock
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.memory.lanes import LaneWindow
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.writer import Writer
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.snapshot import LaneKey
from engine.model.spec import Surroundings
from engine.policy.scheduling.scheduler import schedule
from engine.policy.shapes import shape_of
from engine.store.protocol import Draft, NewJob, Store, Unit
from engine.store.sqlite.store import SqliteStore
from tests.bench.figures import latency, scratch
from tests.kit.build import NOW, PRIORITIES, a_job, a_worker

SHORT, LONG = 10_000, 1_000_000
LANES, WORKERS, GRANTS, ROUNDS = 200, 200, 256, 20
WINDOW, REFILLS = 16, 16
STEPS = ("refill", "look", "decide", "write")


def measure() -> dict[str, Any]:
    """Milliseconds of a round and of its steps, with both backlogs.

    `cpu` is what the process itself used, on all threads, whatever else the machine does.
    """
    with scratch() as folder:
        short, long = asyncio.run(_rounds(folder))
    return {
        "grants": GRANTS,
        "lanes": LANES,
        "workers": WORKERS,
        "short": {"queued": SHORT, **short},
        "long": {"queued": LONG, **long},
        "ratios": {
            f"{what} p50 {LONG} / {SHORT}": round(
                long[what]["p50_ms"] / short[what]["p50_ms"], 3
            )
            for what in ("round", "cpu")
        },
        "targets": {f"round p50 {LONG} / {SHORT}": 1.2, "decide p50_ms": 20},
    }


async def _rounds(folder: Path) -> list[dict[str, dict[str, float]]]:
    """Figures of both backlogs, whose rounds take turns, so that both see the same noise."""
    async with AsyncExitStack() as open_:
        engines = [await _engine(folder, queued, open_) for queued in (SHORT, LONG)]
        gc.collect()
        gc.freeze()
        async with asyncio.TaskGroup() as tasks:
            for engine in engines:
                tasks.create_task(engine.writer.run())
            for _ in range(ROUNDS):
                for engine in engines:
                    await engine.round()
            for engine in engines:
                engine.writer.finish()
        gc.unfreeze()
        return [engine.figures() for engine in engines]


async def _engine(folder: Path, queued: int, open_: AsyncExitStack) -> "_Engine":
    path = folder / f"{queued}.sqlite"
    await fill(path, queued)
    store = await SqliteStore.open(path, SystemClock())
    open_.push_async_callback(store.close)
    engine = _Engine(store, WorkingSet(await store.take_over(NOW)))
    await engine.begin()
    return engine


class _Engine:
    """What of a daemon takes part in a round."""

    def __init__(self, store: Store, working_set: WorkingSet) -> None:
        clock = SystemClock()
        self._cpu_s: list[float] = []
        self._steps_s: list[list[float]] = []
        self._store = store
        self._set = working_set
        self.writer = Writer(
            store, working_set, clock, on_commit=lambda _: None, on_trouble=print
        )
        self._attempts = Attempts(
            store=store,
            working_set=working_set,
            writer=self.writer,
            backends={},
            clock=clock,
            rng=Random(7),
            lease_ttl_s=30,
            on_room=lambda: None,
            on_ended=lambda _: None,
        )

    async def begin(self) -> None:
        """Load, read the first window of each lane, and stand two hundred workers up."""
        await self._set.load(self._store)
        hosts = [a_worker(f"w{n:03}", cpu=64, slots=64) for n in range(WORKERS)]
        self._set.workers = {host.name: host for host in hosts}
        self._set.granting = True
        for key, window in self._set.lanes.windows.items():
            await self._refill(key, window)
        schedule(self._set.snapshot(NOW), GRANTS)  # what is looked up once for a fleet

    async def round(self) -> None:
        """Do all of it, and note the seconds that each step took."""
        cpu_s, at = time.process_time(), [time.perf_counter()]
        shortest = sorted(self._set.lanes.windows.items(), key=lambda one: len(one[1].jobs))
        for key, window in shortest[:REFILLS]:
            await self._refill(key, window)
        at.append(time.perf_counter())
        snapshot = self._set.snapshot(NOW)
        at.append(time.perf_counter())
        plan = schedule(snapshot, GRANTS)
        at.append(time.perf_counter())
        self._set.carried = plan.carried
        granted = [self._attempts.intend(start) for start in plan.starts]
        confirmed = [await self._attempts.confirm(one) for one in granted]
        at.append(time.perf_counter())
        assert len(confirmed) == GRANTS, f"{len(confirmed)} grants"
        self._cpu_s.append(time.process_time() - cpu_s)
        self._steps_s.append([end - began for began, end in pairwise(at)])

    def figures(self) -> dict[str, dict[str, float]]:
        """Milliseconds of whole rounds and of their steps."""
        steps = zip(*self._steps_s, strict=True)
        return {
            "round": latency([sum(one) for one in self._steps_s]),
            "cpu": latency(self._cpu_s),
            **{name: latency(seconds) for name, seconds in zip(STEPS, steps, strict=True)},
        }

    async def _refill(self, key: LaneKey, window: LaneWindow) -> None:
        window.refill(await self._store.lane(key, window.cursor, WINDOW), asked=WINDOW)


async def fill(path: Path, queued: int) -> None:
    """A database in which so many jobs wait: two hundred through the front, then copies."""
    store = await SqliteStore.open(path, SystemClock())
    try:
        epoch = await store.take_over(NOW)
        await store.intern_surroundings(Surroundings())
        first = await store.reserve_ids(queued)
        last = JobId(first + queued - 1)
        await store.open_batch(first, last)
        await store.add_to_batch([await _new(store, first, lane) for lane in range(LANES)])
        told = Draft(type=EventType.JOBS_SUBMITTED, data={"first": first, "last": last})
        await store.commit_batch(first, Unit(epoch=epoch, events=[told]))
    finally:
        await store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        _copy(db, queued // LANES)


async def _new(store: SqliteStore, first: JobId, lane: int) -> NewJob:
    job = a_job(
        name=f"job of lane {lane}",
        priority=PRIORITIES[lane % 4],
        tenant=f"tenant-{lane // 20}",
        memory_mb=1 + lane % 20,
    )
    return NewJob(
        id=JobId(first + lane),
        spec=job.spec,
        surroundings=1,
        shape=await store.intern_shape(shape_of(job.spec)),
        created_at=NOW,
        now=job.now,
    )


def _copy(db: sqlite3.Connection, times: int) -> None:
    """Have every job there so many times, and the counters say so."""
    db.execute("BEGIN IMMEDIATE")
    for table, key in (("jobs", "id"), ("specs", "job")):
        names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != key]
        columns = ", ".join(names)
        db.execute(
            f"INSERT INTO {table} ({key}, {columns})"
            " WITH copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n + 1 < ?)"
            f" SELECT {key} + n * ?, {columns} FROM copies CROSS JOIN {table}"
            f" WHERE {key} <= (SELECT min({key}) + ? - 1 FROM {table})",
            (times, LANES, LANES),
        )
    for table in ("counters", "waiting"):
        db.execute(f"UPDATE {table} SET number = number * ?", (times,))
    db.execute("COMMIT")
