"""Does it cost more to look at the past than at now? A log of a million events.

250 000 jobs are queued, granted, started and ended, a quarter of them only queued. A page of
the list, a filtered page, the counters and the event of an instant are asked for as of five
places in the log, from its beginning to its end, beside the same of now.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import psutil
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.model.events import EventType
from engine.model.filter import parse
from engine.model.ids import Epoch, JobId, Seq
from engine.model.job import Job
from engine.model.states import State
from engine.store.moments import Reads
from engine.store.protocol import Draft, JobMove, NewJob, Unit, Window, Written
from engine.store.sqlite.store import SqliteStore
from tests.bench.figures import scratch
from tests.kit.build import NOW, a_job

JOBS = 250_000
GROUP = 512
PLACES = (0.02, 0.25, 0.5, 0.75, 0.99)
TRIES = 5
QUEUES = ("gpu", "cpu", "io")


def measure(jobs: int = JOBS) -> dict[str, Any]:
    """Milliseconds of each question, now and as of each place; and memory."""
    with scratch() as folder:
        return asyncio.run(_measure(folder / "s", jobs))


async def _measure(folder: Path, jobs: int) -> dict[str, Any]:
    clock = ManualClock(NOW)
    store = await SqliteStore.open(folder / "jobs.sqlite", clock)
    try:
        await _live(store, clock, jobs)
        head = await store.head()
        before = _memory_mb()
        now = await _asked(store, clock.now())
        then = {str(part): await _asked_at(store, Seq(int(head * part))) for part in PLACES}
        worst = {
            name: round(max(place[name] for place in then.values()) / max(now[name], 0.1), 1)
            for name in now
        }
        grown = round(_memory_mb() - before, 1)
    finally:
        await store.close()
    return {
        "events": head,
        "now_ms": now,
        "then_ms": then,
        "ratios": {"worst then / now": worst},
        "grown_mb": grown,
        "targets": {"grown_mb": 50, "event_of_an_instant_ms": 5},
    }


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss / 2**20)


async def _asked_at(store: SqliteStore, moment: Seq) -> dict[str, float]:
    at = await store.instant_of(moment)
    found = await _asked(store.at(moment), at)
    found["event_of_an_instant"] = await _timed(lambda: store.moment_at(at))
    return found


async def _asked(reads: Reads, now_at: int) -> dict[str, float]:
    def page(where: str, **more: Any) -> Callable[[], Awaitable[object]]:
        return lambda: reads.window(Window(query=parse(where), now_at=now_at, **more))

    return {
        "page": await _timed(page("")),
        "filtered_page": await _timed(page("queue:gpu state:queued")),
        "page_by_name": await _timed(page("", sort="name")),
        "middle_page": await _timed(page("", at=50_000)),
        "counts": await _timed(reads.counts),
    }


async def _timed(ask: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(TRIES):
        began_s = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began_s) * 1000)
    return round(statistics.median(took), 2)


async def _live(store: SqliteStore, clock: ManualClock, jobs: int) -> None:
    epoch = await store.take_over(NOW)
    chance = Random(7)
    for begin in range(0, jobs, GROUP):
        first = await store.reserve_ids(GROUP)
        made = [
            a_job(
                id=first + n, queue=chance.choice(QUEUES), name=f"job-{chance.randrange(999)}"
            )
            for n in range(GROUP)
        ]
        made = await _written(store, [_submission(epoch, job) for job in made], made)
        ending = made[: GROUP * 3 // 4] if begin // GROUP % 2 else made
        for state, kind in (
            (State.QUEUED, EventType.ATTEMPT_INTENT),
            (State.RUNNING, EventType.JOB_STARTED),
            (State.SUCCEEDED, EventType.JOB_COMPLETED),
        ):
            clock.jump(0.5)
            ending = await _moved(store, epoch, ending, state, kind)


async def _moved(
    store: SqliteStore, epoch: Epoch, jobs: list[Job], state: State, kind: EventType
) -> list[Job]:
    units = [
        Unit(
            epoch=epoch,
            events=[Draft(type=kind, job=job.id)],
            moves=[
                JobMove(
                    id=job.id, was=job.now, now=replace(job.now, state=state), spec=job.spec
                )
            ],
        )
        for job in jobs
    ]
    after = [job.with_progress(replace(job.now, state=state)) for job in jobs]
    return await _written(store, units, after)


async def _written(store: SqliteStore, units: list[Unit], jobs: list[Job]) -> list[Job]:
    found = []
    for job, answer in zip(jobs, await store.write(units), strict=True):
        assert isinstance(answer, Written), answer
        version = answer.versions[JobId(job.id)]
        found.append(job.with_progress(replace(job.now, version=version)))
    return found


def _submission(epoch: Epoch, job: Job) -> Unit:
    new = NewJob(
        id=job.id,
        spec=job.spec,
        surroundings=1,
        shape=1,
        created_at=NOW,
        now=replace(job.now, version=0),
    )
    event = Draft(type=EventType.JOB_SUBMITTED, job=job.id)
    return Unit(epoch=epoch, events=[event], new_jobs=[new])
