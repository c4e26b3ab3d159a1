"""Does it cost more to find and count events in a long log than in a short one?

A log of a million events, one in a hundred a failure, eleven a second. Pages by filter from
both ends, filters that match nothing, and densities of 147 buckets are asked for, beside the
same in a log of ten thousand.
"""

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any

from engine.clock import ManualClock
from engine.model.event_filter import parse_events
from engine.model.events import EventType
from engine.model.ids import Epoch, JobId, Seq
from engine.store.event_log import EventWindow
from engine.store.protocol import Draft, Unit
from engine.store.sqlite.store import SqliteStore
from tests.bench.figures import scratch
from tests.kit.build import NOW

EVENTS = 1_000_000
SHORT = 10_000
GROUP = 1_000
A_GROUP_S = 90
TRIES = 3
LIMIT = 200
BUCKETS = 147
KINDS = (
    EventType.JOB_SUBMITTED,
    EventType.ATTEMPT_INTENT,
    EventType.JOB_STARTED,
    EventType.JOB_COMPLETED,
)
PAGES = ("", "level:err", "level>=warn worker:w7", "job:77", "cause:zebra", "since:10m w3")
COUNTS = (("", 30), ("level:err", 30), ("", 3_600), ("worker:w7", 600))


def measure(events: int = EVENTS) -> dict[str, Any]:
    """Milliseconds of each question in the long log and in the short one."""
    with scratch() as folder:
        return asyncio.run(_measure(folder, events))


async def _measure(folder: Path, events: int) -> dict[str, Any]:
    long = await _asked(folder / "long", events)
    short = await _asked(folder / "short", min(SHORT, events))
    return {"events": events, "long_ms": long, "short_ms": short}


async def _asked(folder: Path, events: int) -> dict[str, float]:
    clock = ManualClock(NOW)
    store = await SqliteStore.open(folder / "jobs.sqlite", clock)
    try:
        await _happen(store, clock, events)
        found = {}
        for text in PAGES:
            for last in (True, False):
                ms = await _page_ms(store, text, clock.now(), last=last)
                found[f"{'newest' if last else 'oldest'} {text}".strip()] = ms
        for text, bucket_s in COUNTS:
            found[f"density {bucket_s}s {text}".strip()] = await _density_ms(
                store, text, bucket_s, clock.now()
            )
        return found
    finally:
        await store.close()


async def _happen(store: SqliteStore, clock: ManualClock, events: int) -> None:
    epoch, chance = Epoch(await store.take_over(NOW)), Random(1)
    for first in range(0, events, GROUP):
        clock.jump(A_GROUP_S)
        drafts = [_draft(number, chance) for number in range(first, first + GROUP)]
        await store.write([Unit(epoch=epoch, events=drafts)])


def _draft(number: int, chance: Random) -> Draft:
    is_bad = chance.random() < 0.01
    return Draft(
        type=EventType.JOB_FAILED if is_bad else KINDS[number % len(KINDS)],
        job=JobId(number // len(KINDS) + 1),
        worker=f"w{number % 50}",
        cause="exit 1" if is_bad else "",
    )


async def _page_ms(store: SqliteStore, text: str, now_at: int, *, last: bool) -> float:
    window = EventWindow(
        query=parse_events(text),
        after=Seq(0),
        before=Seq(2**62),
        last=last,
        limit=LIMIT,
        now_at=now_at,
    )
    times = []
    for _ in range(TRIES):
        began_s = time.perf_counter()
        await store.find_events(window)
        times.append(time.perf_counter() - began_s)
    return round(min(times) * 1_000, 1)


async def _density_ms(store: SqliteStore, text: str, bucket_s: int, now_at: int) -> float:
    query = parse_events(text)
    start_at = now_at - bucket_s * BUCKETS * 1_000_000
    times = []
    for _ in range(TRIES):
        began_s = time.perf_counter()
        await store.event_density(query, start_at, bucket_s, BUCKETS, now_at)
        times.append(time.perf_counter() - began_s)
    return round(min(times) * 1_000, 1)
