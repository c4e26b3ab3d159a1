"""Fifty hosts with nothing to do, each behind its own connection: what the daemon needs."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from engine.control.messages import ListWorkers
from tests.bench.figures import scratch
from tests.bench.over_ssh import add_worker
from tests.kit.daemon import RealDaemon
from tests.kit.sshd import SSHD, Sshd
from tests.kit.waiting import pause

HOSTS = 50
SERVERS = 5
"""Each serves its share of the connections, as sshd has a process for each anyway."""
SETTLE_S = 5.0
IDLE_S = 60.0
"""Several rounds of looks (every 10 s), renewals and keepalives."""


def measure() -> dict[str, Any]:
    """CPU and memory of the daemon, with no host and with fifty; theirs are not counted."""
    if SSHD is None:
        return {"skipped": "there is no sshd on this machine"}
    with scratch() as folder, ExitStack() as running:
        servers = [_server(folder / f"h{number}", running) for number in range(SERVERS)]
        daemon = running.enter_context(RealDaemon(folder))
        alone = _idle(daemon, IDLE_S / 3)
        for number in range(HOSTS):
            add_worker(daemon, servers[number % SERVERS], f"host-{number}")
        connected = _connected(daemon)
        idle = _idle(daemon, IDLE_S)
        still = _connected(daemon)
    assert (connected, still) == (HOSTS, HOSTS), f"{connected}, then {still} are connected"
    return {
        "hosts": HOSTS,
        "seconds": IDLE_S,
        "alone": alone,
        "with_hosts": idle,
        "kb_per_host": round((idle["rss_mb"] - alone["rss_mb"]) * 1024 / HOSTS, 1),
        "targets": {"cpu_percent": 2, "rss_mb": 150, "aims": {"cpu_percent": 1, "rss_mb": 100}},
    }


def _server(folder: Path, running: ExitStack) -> Sshd:
    folder.mkdir()
    return running.enter_context(Sshd(folder, settings=["SetEnv SHLVL=2"]))


def _idle(daemon: RealDaemon, seconds: float) -> dict[str, float]:
    """Percent of one core, and megabytes, while nothing is asked of it."""
    pause(SETTLE_S)
    process = psutil.Process(daemon.pid)
    before, began_s = process.cpu_times(), time.perf_counter()
    pause(seconds)
    after, took_s = process.cpu_times(), time.perf_counter() - began_s
    used_s = after.user + after.system - before.user - before.system
    return {
        "cpu_percent": round(100 * used_s / took_s, 2),
        "rss_mb": round(process.memory_info().rss / 2**20, 1),
    }


def _connected(daemon: RealDaemon) -> int:
    with daemon.client() as client:
        views = client.call(ListWorkers()).workers
    links = [view.link for view in views if view.name != "local"]
    return sum(link is not None and link.state == "connected" for link in links)
