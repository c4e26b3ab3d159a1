"""Make the screenshots of the README: a real daemon, real jobs, and the console on them.

Run it from a checkout: `python screenshots/make.py`. It writes SVGs beside itself.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from textual.pilot import Pilot  # noqa: E402

from crabtui.app import CrabApp  # noqa: E402
from crabtui.data.wording import UTC_ZONE  # noqa: E402
from engine.control.client import connect  # noqa: E402
from engine.control.messages import (  # noqa: E402
    ActOnWorker,
    AddWorker,
    ListWorkers,
    SetQueue,
    SetWorker,
    SubmitArray,
)
from engine.control.views import WorkerView  # noqa: E402
from tests.kit.daemon import RealDaemon  # noqa: E402
from tests.kit.sshd import Sshd  # noqa: E402
from tests.kit.waiting import wait_until  # noqa: E402

WIDE, NARROW = (160, 42), (100, 30)
BROAD, LOW = (150, 34), (130, 26)
STEPS = "for i in $(seq 1 400); do echo step $i loss 0.$((900 - 2 * i)); sleep 0.05; done"
FLAKY = (
    'test -e "$0" && exec sleep 300; touch "$0"; echo cannot reach corpus mirror >&2; exit 75'
)


def jobs(folder: Path) -> list[dict[str, Any]]:
    """Real commands: some run, some wait, some have ended, well and badly."""
    train = {"queue": "gpu", "tags": ["sweep"], "timeout": "2h"}
    tar = ["tar", "czf", str(folder / "src.tgz"), "-C", str(HERE.parent), "engine", "crabtui"]
    flaky = ["sh", "-c", FLAKY, str(folder / "tried")]
    return [
        {"command": ["sh", "-c", STEPS], "name": "train lr=3e-4 seed=13", **train},
        {"command": tar, "name": "archive sources"},
        {"command": ["sh", "-c", "seq 1 200000 | gzip -9 | wc -c"], "name": "compress corpus"},
        {"command": ["ls", "/no/such/file"], "name": "fetch model"},
        {"command": flaky, "name": "fetch corpus", "retries": 4},
        *({"command": ["sleep", "300"], "name": f"train seed={n}", **train} for n in (14, 15)),
    ]


DEPENDENTS: list[dict[str, Any]] = [
    {"command": ["sleep", "300"], "name": "nightly report", "after": [1], "priority": "low"},
    {"command": ["true"], "name": "notify", "after": [4]},
]


async def prepare(daemon: RealDaemon, folder: Path) -> None:
    """Submit the jobs and wait until the picture is worth taking."""
    async with await connect(daemon.state) as client:
        await client.call(SetQueue(name="gpu", limit=1))
    daemon.submit(*jobs(folder))
    daemon.submit(*DEPENDENTS)
    daemon.wait_state(1, "running")
    daemon.wait_state(4, "failed")
    daemon.wait_state(5, "retrying", "running")


CONFIG = """
[workers.local]
slots = 6
cpus = 6
gpus = ["a100", "t4"]

[queues.gpu]
limit = 2
weight = 3

[queues.etl]
limit = 4
weight = 2

[queues.mail]
rate = "2/m burst 1"
max_depth = 8

[tenants.ana]
running = 1
"""


def backlog() -> list[dict[str, Any]]:
    """More than fits: each group waits for something else."""
    train = {"queue": "gpu", "gpus": 1, "estimated_duration": "20m"}
    sleep = {"command": ["sleep", "600"]}
    return [
        *({**sleep, "name": f"train lr={rate}", **train} for rate in ("3e-4", "1e-4", "3e-5")),
        {**sleep, "name": "train lr=1e-5", "priority": "high", **train},
        *({**sleep, "name": f"ana: eval {n}", "tenant": "ana"} for n in range(1, 6)),
        {**sleep, "name": "deploy blue", "goal": "production", "estimated_duration": "9m"},
        {**sleep, "name": "deploy green", "goal": "production", "priority": "critical"},
        *({**sleep, "name": f"load part {n}", "queue": "etl"} for n in range(1, 12)),
        *({"command": ["true"], "name": f"digest {n}", "queue": "mail"} for n in range(1, 8)),
        {**sleep, "name": "link whole corpus", "cpus": 5, "priority": "high"},
        {**sleep, "name": "publish", "hold": True},
        {**sleep, "name": "nightly report", "not_before": "4h"},
    ]


SWEEP: dict[str, Any] = {"command": ["sleep", "600"], "name": "sweep {item}", "queue": "gpu"}


async def fill(daemon: RealDaemon) -> None:
    """Submit the backlog, an array, and pause a queue."""
    daemon.submit(*backlog())
    daemon.submit({"command": ["true"], "name": "compare runs", "after": [1, 2, 3]})
    async with await connect(daemon.state) as client:
        await client.call(SubmitArray(job=SWEEP, values=("1-40",), limit=4))
        await client.call(SetQueue(name="etl", pause=True, why="schema change"))
    daemon.wait_state(1, "running")
    daemon.wait_state(4, "running")


async def shoot(
    daemon: RealDaemon,
    name: str,
    size: tuple[int, int],
    steps: Callable[[Pilot[int]], Awaitable[None]],
) -> None:
    """One screenshot, after `steps` at the keyboard."""
    door = partial(connect, daemon.state)
    app = CrabApp(door, context="workstation", zone=UTC_ZONE)
    async with app.run_test(size=size) as pilot:
        await seen(pilot, lambda: app.jobs_view is not None and app.jobs_view.total)
        await steps(pilot)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="crabtui"))


async def seen(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait for the screen to get there."""
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.05)
    raise SystemExit("the console never showed what the picture is of")


async def go_to(pilot: Pilot[int], job: int) -> None:
    """Put the cursor on a job."""
    app = pilot.app
    assert isinstance(app, CrabApp)
    assert app.jobs_view is not None
    app.jobs_view.find(job)
    await seen(
        pilot, lambda: app.jobs_view is not None and app.jobs_view.table.cursor_id == job
    )
    await pilot.pause(1.5)


async def the_jobs(pilot: Pilot[int]) -> None:
    """The table with its preview."""
    await go_to(pilot, 1)


async def one_job(pilot: Pilot[int]) -> None:
    """The detail of a running job."""
    await go_to(pilot, 1)
    await pilot.press("enter")
    await pilot.pause(2)


async def a_question(pilot: Pilot[int]) -> None:
    """What is said before marked jobs are canceled."""
    for job in (1, 6):
        await go_to(pilot, job)
        await pilot.press("space")
    await pilot.press("x")
    await pilot.pause(0.5)


async def the_queues(pilot: Pilot[int]) -> None:
    """Gauges, limits and reasons, with the cursor on the queue that has most of them."""
    await pilot.press("2")
    await pilot.pause(2)


async def the_stuck(pilot: Pilot[int]) -> None:
    """The reasons why jobs wait."""
    await pilot.press("7", "j", "j", "j", "j", "j", "j")
    await pilot.pause(2)


async def the_why(pilot: Pilot[int]) -> None:
    """Every gate of one job, with what could be done."""
    await go_to(pilot, 3)
    await pilot.press("w")
    await pilot.pause(2)


async def pictures_of_the_day(name: str) -> None:
    """Jobs as they run, one of them, and a question."""
    folder = Path(name)
    with RealDaemon(folder) as daemon:
        await prepare(daemon, folder)
        await shoot(daemon, "jobs", WIDE, the_jobs)
        await shoot(daemon, "job", WIDE, one_job)
        await shoot(daemon, "confirm", NARROW, a_question)


async def pictures_of_a_backlog(name: str) -> None:
    """Queues, what is stuck, and why."""
    folder = Path(name)
    state = folder / "s"
    state.mkdir(mode=0o700)
    (state / "config.toml").write_text(CONFIG)
    with RealDaemon(folder) as daemon:
        await fill(daemon)
        await shoot(daemon, "queues", LOW, the_queues)
        await shoot(daemon, "stuck", BROAD, the_stuck)
        await shoot(daemon, "why", NARROW, the_why)


def enlist(daemon: RealDaemon, hosts: dict[str, Sshd]) -> None:
    """Machines of every condition: two at work, one that drains, one set aside, one away."""
    with daemon.client() as client:
        for name, host in hosts.items():
            table = {
                "backend": "ssh",
                "address": host.address,
                "identity": str(host.client_key),
                "cpus": 4,
                "slots": 4,
                "labels": [name.partition("-")[0]],
            }
            client.call(AddWorker(name=name, table=table, trust=host.fingerprint))
        daemon.submit(*({"command": ["sleep", "600"], "name": f"eval {n}"} for n in range(14)))
        daemon.wait_state(14, "running")
        client.call(SetWorker(name="cpu-02", drain=True, why="new disk"))
        why = "bad disk? 11 of 11 jobs failed"
        client.call(ActOnWorker(name="cpu-03", act="quarantine", why=why))
        hosts["gpu-02"].close()
        wait_until(lambda: any(map(is_away, client.call(ListWorkers()).workers)), timeout_s=60)


def is_away(worker: WorkerView) -> bool:
    """Whether the daemon has noticed, for long enough to be counted."""
    return bool(worker.at_risk and worker.link and worker.link.tries > 1)


async def the_workers(pilot: Pilot[int]) -> None:
    """How each stands, and everything about the one that is away."""
    await pilot.press("4")
    await pilot.pause(3)


async def pictures_of_other_machines(name: str) -> None:
    """Workers over SSH, one of them away."""
    folder = Path(name)
    with RealDaemon(folder) as daemon, contextlib.ExitStack() as stack:
        hosts = {}
        for host in ("gpu-01", "gpu-02", "cpu-01", "cpu-02", "cpu-03"):
            (folder / host).mkdir()
            hosts[host] = stack.enter_context(Sshd(folder / host))
        enlist(daemon, hosts)
        await shoot(daemon, "workers", (130, 26), the_workers)


async def main() -> None:
    """Make all of them, or those of the makers that are named."""
    wanted = sys.argv[1:]
    for make in (pictures_of_a_backlog, pictures_of_the_day, pictures_of_other_machines):
        if wanted and make.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory() as name:
            await make(name)


if __name__ == "__main__":
    asyncio.run(main())
