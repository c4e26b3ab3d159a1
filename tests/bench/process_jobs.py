"""`/bin/true` drained from a backlog, output kept in files, against spawn loops and xargs."""

import itertools
from pathlib import Path
from typing import Any

from tests.bench import load, peers
from tests.bench.figures import alternating, rate, ratios, scratch
from tests.kit.daemon import RealDaemon

COUNT = 500
ROUNDS = 3


def measure() -> dict[str, Any]:
    """Jobs a second of this project and of each peer, by turns on one filesystem."""
    with scratch() as folder, RealDaemon(folder) as daemon:
        write = folder / "jobs.ndjson"
        load.write_jobs(write, COUNT)
        fresh = (folder / f"bare-{number}" for number in itertools.count())
        figures = alternating(
            ROUNDS,
            crabtui=lambda: _drain(daemon, write),
            supervisor_loop=lambda: peers.supervisor_rate(next(fresh), COUNT),
            xargs=lambda: peers.xargs_rate(COUNT),
            posix_spawn=lambda: peers.spawn_rate(COUNT),
            gnu_parallel=lambda: peers.parallel_rate(COUNT // 5) or 0.0,
        )
    return {
        "jobs": COUNT,
        "jobs_per_s": figures,
        "ratios": ratios(figures, "crabtui"),
        "targets": {"crabtui / supervisor_loop": 0.6, "jobs_per_s on ext4": 150},
    }


def _drain(daemon: RealDaemon, jobs: Path) -> float:
    load.pause(daemon)
    load.submit_file(daemon, jobs)
    all_done = load.succeeded(daemon) + COUNT

    def run() -> None:
        load.pause(daemon, paused=False)
        load.wait_succeeded(daemon, all_done)

    return rate(run, COUNT)
