"""The world of the screenshots: a real daemon, five real hosts, and a day's work on them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine.control.messages import (
    ActOnWorker,
    AddWorker,
    Hold,
    ListJobs,
    ListWorkers,
    SetQueue,
    SetWorker,
    SubmitArray,
    SubmitWorkflow,
    Targets,
)
from engine.control.views import WorkerView
from tests.kit.daemon import RealDaemon
from tests.kit.sshd import Sshd
from tests.kit.waiting import wait_until

HOSTS = {
    "gpu-01": {"labels": ["gpu"], "gpus": ["a100", "a100"], "cpus": 8, "slots": 4},
    "gpu-02": {"labels": ["gpu"], "gpus": ["a100", "a100"], "cpus": 8, "slots": 4},
    "cpu-01": {"labels": ["cpu"], "cpus": 16, "slots": 6},
    "cpu-02": {"labels": ["cpu"], "cpus": 16, "slots": 6},
    "cpu-03": {"labels": ["cpu"], "cpus": 16, "slots": 6},
}
CONFIG = """
[workers.local]
slots = 4
cpus = 8

[queues.gpu]
limit = 4
weight = 3

[queues.cpu]
limit = 12

[queues.etl]
limit = 4
weight = 2

[tenants.ana]
running = 6
"""
TRAIN = (
    "for i in $(seq 1 4000); do echo "
    "epoch $((i / 100)) step $i loss 0.$((900 - i % 700)) lr 3.0e-4; sleep 0.1; done"
)
SHARD = (
    'echo "reading shard $0"; sleep 1.$0; '
    'echo "tar: /scratch/shard-$0: No space left on device" >&2; exit 1'
)
FLAKY = "echo cannot reach corpus mirror: HTTP 503 >&2; sleep 0.3; exit 75"
TINY = "sleep 0.$(($0 % 9 + 1)); seq 1 20000 | gzip -9 | wc -c"


def first_jobs() -> list[dict[str, Any]]:
    """What runs all the while, and what waits behind it."""
    gpu = {"queue": "gpu", "gpus": 1, "tags": ["sweep"], "estimated_duration": "20m"}
    sleep = {"command": ["sleep", "900"]}
    rates = ("3e-4", "1e-4", "3e-5", "1e-5", "3e-6", "1e-6")
    return [
        *(
            {"command": ["sh", "-c", TRAIN], "name": f"train lr={rate} seed={seed}", **gpu}
            for rate, seed in zip(rates, range(13, 19), strict=True)
        ),
        *(
            {**sleep, "name": f"embed shard {n}/8", "queue": "cpu", "tenant": "ana"}
            for n in "123"
        ),
        {"command": ["sh", "-c", FLAKY], "name": "fetch corpus de-2026", "retries": 8},
        {**sleep, "name": "link whole corpus", "cpus": 15, "priority": "critical"},
        {**sleep, "name": "publish weights", "hold": True},
        {**sleep, "name": "nightly report", "not_before": "4h", "priority": "low"},
        *({**sleep, "name": f"load part {n}", "queue": "etl"} for n in range(1, 6)),
    ]


SHARDS = "sleep 2; seq 1 8 | paste -sd, | sed 's/.*/[&]/' > $CRAB_RESULT"
SCORED = 'sleep 4; echo \'{"bleu": 31.4, "seen": 2048}\' > $CRAB_RESULT'
BADLY = "sleep 6; echo 'tokens.py:88: KeyError: lang' >&2; exit 1"
RELEASE: dict[str, Any] = {
    "name": "nightly-release",
    "description": "train on the day's corpus, and ship what is better",
    "params": {"rate": 0.0003, "corpus": "de-2026"},
    "defaults": {"cpus": 0.5, "queue": "release"},
    "tasks": {
        "fetch": {"command": SHARDS},
        "clean": {"command": "sleep 9", "depends_on": ["fetch"]},
        "tokenize": {
            "for_each": "fetch",
            "command": "echo shard ${{ item }}; sleep ${{ item }}5",
            "limit": 3,
            "estimated_duration": "50s",
        },
        "baseline": {"command": SCORED, "depends_on": ["fetch"]},
        "lint": {"command": BADLY, "depends_on": ["clean"]},
        "document": {"command": "true", "depends_on": ["lint"]},
        "tell": {"command": "sleep 1", "depends_on": [{"task": "lint", "after": "failure"}]},
        "train": {
            "command": "sleep 300",
            "depends_on": ["clean", "tokenize"],
            "estimated_duration": "60s",
        },
        "evaluate": {
            "command": "sleep 20",
            "depends_on": ["train", "baseline"],
            "estimated_duration": "20s",
        },
        "publish": {
            "command": "sleep 5",
            "depends_on": ["evaluate"],
            "estimated_duration": "5s",
        },
    },
}
"""Some of it is done, some runs, one task failed, and what needed that was skipped."""
BACKUP: dict[str, Any] = {
    "name": "backup",
    "defaults": {"cpus": 0.5, "queue": "release"},
    "tasks": {
        "dump": {"command": "sleep 3"},
        "check": {"command": "sleep 1", "depends_on": ["dump"]},
        "ship": {"command": "sleep 2", "depends_on": ["check"]},
    },
}

FOLLOWERS: list[dict[str, Any]] = [
    {"command": ["true"], "name": "eval train lr=3e-4", "after": [1], "priority": "high"},
    {"command": ["true"], "name": "compare runs", "after": [1, 2, 3]},
]


def shards(first: int) -> list[dict[str, Any]]:
    """Some that fail, all in the same way."""
    return [
        {"command": ["sh", "-c", SHARD, str(n)], "name": f"unpack shard {n}", "queue": "cpu"}
        for n in range(first, first + 4)
    ]


def small(first: int, count: int = 12) -> list[dict[str, Any]]:
    """Some that take a moment."""
    return [
        {"command": ["sh", "-c", TINY, str(n)], "name": f"thumbnail {n:04}", "queue": "cpu"}
        for n in range(first, first + count)
    ]


@contextmanager
def world(folder: Path) -> Iterator[tuple[RealDaemon, dict[str, Sshd]]]:
    """The daemon with its hosts, all of them at work."""
    state = folder / "s"
    state.mkdir(mode=0o700)
    (state / "config.toml").write_text(CONFIG)
    with RealDaemon(folder) as daemon, ExitStack() as stack:
        hosts = {}
        for name in HOSTS:
            (folder / name).mkdir()
            hosts[name] = stack.enter_context(Sshd(folder / name))
        _enlist(daemon, hosts)
        daemon.submit(*first_jobs())
        daemon.submit(*FOLLOWERS)
        with daemon.client() as client:
            sweep = {"command": ["sleep", "900"], "name": "sweep {item}", "queue": "gpu"}
            client.call(SubmitArray(job=sweep, values=("1-40",), limit=4))
            client.call(SetQueue(name="etl", pause=True, why="schema change"))
        daemon.wait_state(1, "running")
        yield daemon, hosts


def _enlist(daemon: RealDaemon, hosts: dict[str, Sshd]) -> None:
    with daemon.client() as client:
        for name, host in hosts.items():
            table = {
                **HOSTS[name],
                "backend": "ssh",
                "address": host.address,
                "identity": str(host.client_key),
            }
            client.call(AddWorker(name=name, table=table, trust=host.fingerprint))


def workflows(daemon: RealDaemon) -> None:
    """Runs of workflows: one that ended well, one that goes on with a failure behind it."""
    with daemon.client() as client:
        client.call(SubmitWorkflow(definition=BACKUP))
        client.call(SubmitWorkflow(definition=RELEASE))


def worsen(daemon: RealDaemon, hosts: dict[str, Sshd]) -> None:
    """Now something needs a look: a host drains, one is set aside, one is away."""
    with daemon.client() as client:
        client.call(SetWorker(name="cpu-02", drain=True, why="new disk"))
        why = "bad disk? 11 of 11 jobs failed"
        client.call(ActOnWorker(name="cpu-03", act="quarantine", why=why))
        page = client.call(ListJobs(where="name:'thumbnail' state:queued", count=3))
        if ids := tuple(job.id for job in page.jobs):
            client.call(Hold(targets=Targets(ids=ids), why="after the backup"))
        hosts["gpu-02"].close()
        wait_until(lambda: any(map(is_away, client.call(ListWorkers()).workers)), timeout_s=60)


def is_away(worker: WorkerView) -> bool:
    """Whether the daemon has noticed, for long enough to be counted."""
    return bool(worker.at_risk and worker.link and worker.link.tries > 1)
