"""Does a long backlog slow anything down? 300 000 jobs queued against 1 000."""

import time
from typing import Any

import psutil

from tests.bench import load
from tests.bench.figures import rate, scratch
from tests.kit.daemon import RealDaemon

LONG = 300_000
SHORT = 1_000
DRAINED = 500


def measure() -> dict[str, Any]:
    """Drain rate of the first jobs, memory and restart time, with both backlogs."""
    short, long = _with_backlog(SHORT), _with_backlog(LONG)
    return {
        "short": short,
        "long": long,
        "ratios": {"drain long / short": round(long["jobs_per_s"] / short["jobs_per_s"], 3)},
        "targets": {"drain long / short": 0.83, "rss_mb": 300, "restart_s": 3},
    }


def _with_backlog(queued: int) -> dict[str, float]:
    with scratch() as folder, RealDaemon(folder) as daemon:
        load.pause(daemon)
        load.write_jobs(folder / "jobs", queued)
        load.submit_file(daemon, folder / "jobs")
        drained = rate(lambda: _drain_some(daemon), DRAINED)
        memory = psutil.Process(daemon.pid).memory_info().rss / 2**20
        load.pause(daemon)
        return {
            "queued": queued,
            "jobs_per_s": round(drained, 1),
            "rss_mb": round(memory, 1),
            "restart_s": round(_restart_s(daemon), 3),
            "rss_after_restart_mb": round(
                psutil.Process(daemon.pid).memory_info().rss / 2**20, 1
            ),
        }


def _drain_some(daemon: RealDaemon) -> None:
    load.pause(daemon, paused=False)
    load.wait_succeeded(daemon, DRAINED)


def _restart_s(daemon: RealDaemon) -> float:
    daemon.kill9()
    began_s = time.perf_counter()
    daemon.start(timeout_s=120)
    return time.perf_counter() - began_s
