"""What one round of the scheduler costs: 200 lanes, 256 grants; prints JSON."""

import gc
import json
import statistics
import time
from dataclasses import replace

from engine.model.snapshot import Room, Snapshot
from engine.policy.scheduler import schedule
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


def milliseconds(snapshot: Snapshot) -> dict[str, float]:
    """Median and worst of some rounds over the same snapshot."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        plan = schedule(snapshot, GRANTS)
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "lanes": len(snapshot.lanes),
        "workers": len(snapshot.rooms),
        "starts": len(plan.starts),
        "holds": len(plan.holds),
        "p50_ms": round(statistics.median(taken), 2),
        "max_ms": round(max(taken), 2),
    }


def main() -> None:
    """Measure and print."""
    many_shapes = million(lanes=200, shapes=200, tenants=1, workers=200)
    many_tenants = million(lanes=200, shapes=20, tenants=10, workers=200)
    cases = {
        "million_200_shapes": many_shapes,
        "million_10_tenants": many_tenants,
        "million_all_full": full(many_shapes),
        "one_worker": backlog(lanes=LANES, window=WINDOW, workers=1, slots=512),
        "short_windows": backlog(lanes=LANES, window=16, workers=1, slots=512),
        "fifty_workers": backlog(lanes=LANES, window=16, workers=50, slots=8),
        "nothing_fits": backlog(lanes=LANES, window=16, workers=1, slots=0),
        "many_lanes": backlog(lanes=4000, window=2, workers=1, slots=512),
    }
    gc.collect()
    gc.freeze()  # a collection would look at every job here, and hide what a round costs
    print(json.dumps({name: milliseconds(snapshot) for name, snapshot in cases.items()}))


if __name__ == "__main__":
    main()
