"""100 000 jobs from an NDJSON stream, durable, against the same rows in raw SQLite."""

import itertools
from pathlib import Path
from typing import Any

from tests.bench import load, peers
from tests.bench.figures import alternating, rate, ratios, scratch
from tests.kit.daemon import RealDaemon

COUNT = 100_000
ROUNDS = 2


def measure() -> dict[str, Any]:
    """Jobs a second from the start of the command to its answer, and rows a second."""
    with scratch() as folder, RealDaemon(folder) as daemon:
        jobs = folder / "jobs.ndjson"
        load.write_jobs(jobs, COUNT)
        load.pause(daemon)
        fresh = (folder / f"raw-{number}" for number in itertools.count())
        figures = alternating(
            ROUNDS,
            crabtui=lambda: rate(lambda: load.submit_file(daemon, jobs), COUNT),
            raw_sqlite=lambda: _raw(next(fresh), jobs),
        )
        stored = load.count_in(daemon, "queued")
    return {
        "jobs": COUNT,
        "jobs_per_s": figures,
        "seconds": round(COUNT / figures["crabtui"], 2),
        "stored": stored,
        "ratios": ratios(figures, "crabtui"),
        "targets": {"seconds": 4.0, "crabtui / raw_sqlite": 0.15},
    }


def _raw(folder: Path, jobs: Path) -> float:
    folder.mkdir()
    lines = jobs.read_text().splitlines()
    rows = (
        (number, "queued", "default", "default", 2, 0, line)
        for number, line in enumerate(lines)
    )
    return peers.sqlite_rate(folder, rows, COUNT)
