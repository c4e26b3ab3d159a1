"""`true` on a host behind one real sshd: from a backlog, and from an idle daemon, and peers."""

import itertools
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.control.blocking import BlockingClient
from engine.control.messages import AddWorker, Submit, Wait
from tests.bench import load, ssh_peers
from tests.bench.figures import alternating, latency, rate, ratios, scratch
from tests.bench.submit_to_start import Bell
from tests.kit.daemon import RealDaemon, job_environment
from tests.kit.sshd import SSHD, Sshd

COUNT = 500
FEW = 100
"""Of what is so slow that it would take all the time."""
ROUNDS = 3
LATENCIES = 100
SLOTS = 32

PROGRAMS = {"python": "auto", "sh": "no"}
"""Workers by the host program that answers there."""
HERE = "local"
"""The worker that is this machine: what the same costs without a way to go."""


def measure() -> dict[str, Any]:
    """Jobs a second and latencies of this project and of peers, over one and the same sshd."""
    if SSHD is None:
        return {"skipped": "there is no sshd on this machine"}
    with scratch() as folder, _host(folder) as host, RealDaemon(folder) as daemon:
        for name, python in PROGRAMS.items():
            add_worker(daemon, host, name, python=python, slots=SLOTS)
        key = ssh_peers.PlainKey(host)
        with ssh_peers.control_master(key) as ssh:
            figures = _rates(folder, daemon, key, ssh)
            latencies = _latencies(folder, daemon, ssh)
    return {
        "jobs": COUNT,
        "slots": SLOTS,
        "jobs_per_s": figures,
        "ratios": {
            name: ratios({of: figures[of] for of in (name, *_PEERS)}, name) for name in PROGRAMS
        },
        "submit_to_start": latencies,
        "targets": {
            "jobs_per_s": 300,
            "python / control_master": 3,
            "python / sh_loop": 0.4,
            "p50_ms": 10,
        },
    }


_PEERS = (HERE, "control_master", "control_master_p4", "asyncssh_exec", "sh_loop")


def add_worker(
    daemon: RealDaemon, host: Sshd, name: str, *, python: str = "auto", slots: int = 1
) -> None:
    """Have a host be a worker of a daemon; returns when it takes work."""
    table = {
        "backend": "ssh",
        "address": host.address,
        "identity": str(host.client_key),
        "ssh_config": False,
        "spool": str(host.home / name),
        "python": python,
        "slots": slots,
    }
    with daemon.client() as client:
        client.call(AddWorker(name=name, table=table, trust=host.fingerprint))


@contextmanager
def _host(folder: Path) -> Iterator[Sshd]:
    place = folder / "h"
    place.mkdir()
    # A bash that sshd starts reads ~/.bashrc unless it is deeper than this.
    with Sshd(place, settings=["SetEnv SHLVL=2"]) as host:
        yield host


def _rates(
    folder: Path, daemon: RealDaemon, key: ssh_peers.PlainKey, ssh: Sequence[str]
) -> dict[str, float]:
    fresh = (folder / f"loop-{number}" for number in itertools.count())
    return alternating(
        ROUNDS,
        python=lambda: _drain(daemon, folder, "python"),
        sh=lambda: _drain(daemon, folder, "sh"),
        local=lambda: _drain(daemon, folder, HERE),
        control_master=lambda: ssh_peers.ssh_rate(ssh, FEW, 1),
        control_master_p4=lambda: ssh_peers.ssh_rate(ssh, FEW, 4),
        asyncssh_exec=lambda: ssh_peers.exec_rate(key, COUNT),
        sh_loop=lambda: ssh_peers.loop_rate(key, next(fresh), COUNT),
    )


def _drain(daemon: RealDaemon, folder: Path, worker: str) -> float:
    jobs = folder / f"{worker}.ndjson"
    load.write_jobs(jobs, COUNT, worker=worker, cpu=0.05)
    load.pause(daemon)
    load.submit_file(daemon, jobs)
    all_done = load.succeeded(daemon) + COUNT

    def run() -> None:
        load.pause(daemon, paused=False)
        load.wait_succeeded(daemon, all_done)

    return rate(run, COUNT)


def _latencies(folder: Path, daemon: RealDaemon, ssh: Sequence[str]) -> dict[str, Any]:
    """Until the first byte of the job; one after the other, taking turns."""
    bell = Bell(folder)
    seen: dict[str, list[float]] = {name: [] for name in (*PROGRAMS, HERE, "control_master")}
    with daemon.client() as client:
        for _ in range(LATENCIES):
            for name in (*PROGRAMS, HERE):
                seen[name].append(_submitted(client, bell, name))
            seen["control_master"].append(_sent(ssh, bell))
    bell.close()
    return {name: latency(seconds) for name, seconds in seen.items()}


def _submitted(client: BlockingClient, bell: Bell, worker: str) -> float:
    began_s = time.perf_counter()
    ask = Submit(jobs=({"command": bell.argv, "worker": worker},), env=job_environment())
    answer = client.call(ask)
    took_s = bell.wait_rung() - began_s
    client.call(Wait(ids=(answer.ids[0][0],)))
    return took_s


def _sent(ssh: Sequence[str], bell: Bell) -> float:
    began_s = time.perf_counter()
    with subprocess.Popen([*ssh, bell.argv[-1]]):
        return bell.wait_rung() - began_s
