"""What one round of the scheduler costs: 200 lanes, 256 grants, no store and no daemon."""

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from engine.model.snapshot import Room, Snapshot
from engine.policy.scheduling.decisions import Plan
from engine.policy.scheduling.scheduler import schedule
from tests.bench.figures import latency
from tests.kit.build import PRIORITIES, a_job, a_snapshot, a_worker

LANES, WINDOW, GRANTS, ROUNDS = 200, 256, 256, 20


def backlog(*, lanes: int, window: int, workers: int, slots: int) -> Snapshot:
    """A full window in each lane: four classes, ten tenants, and shapes for the rest."""
    jobs = [
        a_job(
            priority=PRIORITIES[lane % 4],
            tenant=f"tenant-{lane // 4 % 10}",
            memory_mb=1 + lane // 40,
        )
        for _ in range(window)
        for lane in range(lanes)
    ]
    hosts = [a_worker(f"w{n}", cpu=slots, slots=slots) for n in range(workers)]
    return a_snapshot(*jobs, workers=hosts)


def million(*, lanes: int, shapes: int, tenants: int, workers: int) -> Snapshot:
    """What a million queued jobs look like to the planner: full windows, more behind them."""
    jobs = [
        a_job(
            priority=PRIORITIES[lane % 4],
            tenant=f"tenant-{lane // shapes % tenants}",
            memory_mb=1 + lane % shapes,
        )
        for _ in range(WINDOW)
        for lane in range(lanes)
    ]
    hosts = [a_worker(f"w{n:03}", cpu=8, slots=8) for n in range(workers)]
    snapshot = a_snapshot(*jobs, workers=hosts)
    return replace(snapshot, lanes=[replace(lane, has_more=True) for lane in snapshot.lanes])


def full(snapshot: Snapshot) -> Snapshot:
    """The same with workers on which everything is taken."""
    rooms = {
        name: Room(room.worker, {"cpu_milli": 8000}, 8) for name, room in snapshot.rooms.items()
    }
    return replace(snapshot, rooms=rooms)


def measure() -> dict[str, Any]:
    """Milliseconds of a round in several loads; the first three stand for a million jobs."""
    found = {name: milliseconds(snapshot()) for name, snapshot in CASES.items()}
    return {
        "grants": GRANTS,
        "cases": found,
        "targets": {"p50_ms of million_*": 20, "cpu_p50_ms of million_*": 20},
    }


def milliseconds(snapshot: Snapshot) -> dict[str, float]:
    """The first round, which looks up the fleet, and then the usual and the worst of some."""
    gc.collect()
    gc.freeze()  # a collection would look at every job here, and hide what a round costs
    first_s, _, _ = _timed(snapshot)
    taken = [_timed(snapshot) for _ in range(ROUNDS)]
    plan = taken[-1][2]
    gc.unfreeze()
    return {
        "lanes": len(snapshot.lanes),
        "workers": len(snapshot.rooms),
        "starts": len(plan.starts),
        "holds": len(plan.holds),
        "first_ms": round(first_s * 1000, 2),
        **latency([wall_s for wall_s, _, _ in taken]),
        "cpu_p50_ms": latency([cpu_s for _, cpu_s, _ in taken])["p50_ms"],
    }


def _timed(snapshot: Snapshot) -> tuple[float, float, Plan]:
    """Seconds by the clock and of this process, whatever else the machine does."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    plan = schedule(snapshot, GRANTS)
    return time.perf_counter() - began_s, time.process_time() - cpu_s, plan


CASES: dict[str, Callable[[], Snapshot]] = {
    "million_200_shapes": partial(million, lanes=LANES, shapes=200, tenants=1, workers=200),
    "million_10_tenants": partial(million, lanes=LANES, shapes=20, tenants=10, workers=200),
    "million_all_full": lambda: full(million(lanes=LANES, shapes=200, tenants=1, workers=200)),
    "one_worker": partial(backlog, lanes=LANES, window=WINDOW, workers=1, slots=512),
    "short_windows": partial(backlog, lanes=LANES, window=16, workers=1, slots=512),
    "fifty_workers": partial(backlog, lanes=LANES, window=16, workers=50, slots=8),
    "nothing_fits": partial(backlog, lanes=LANES, window=16, workers=1, slots=0),
    "many_lanes": partial(backlog, lanes=4000, window=2, workers=1, slots=512),
}
