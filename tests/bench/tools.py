"""No-op calls of tools, durable, from submission to the last result; against huey and dask."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.control.blocking import BlockingClient
from engine.control.messages import Submit, Wait
from tests.bench.figures import CORES, alternating, rate, ratios, scratch
from tests.kit.daemon import RealDaemon

COUNT = int(os.environ.get("BENCH_CALLS", "10000"))
ROUNDS = 1 if COUNT >= 10_000 else 3
AT_ONCE = 1_000

TOOLS = """
from engine.tools import tool

@tool
def noop() -> None: ...

@tool
async def noop_async() -> None: ...
"""


def measure() -> dict[str, Any]:
    """Calls a second of this project and of each peer that is installed, by turns."""
    with scratch() as folder, a_pool(folder) as daemon, daemon.client() as client:
        client.call_tool("noop")
        subjects: dict[str, Callable[[], float]] = {
            "crabtui threads": lambda: _ours(client, "noop"),
            "crabtui async": lambda: _ours(client, "noop_async"),
        }
        if importlib.util.find_spec("huey"):
            subjects["huey, sqlite, fsync"] = lambda: _huey(folder)
        if importlib.util.find_spec("distributed"):
            subjects["dask.distributed, in memory"] = _dask
        figures = alternating(ROUNDS, **subjects)
    return {
        "calls": COUNT,
        "calls_per_s": figures,
        "ratios": ratios(figures, "crabtui async"),
        "targets": {"crabtui async / huey, sqlite, fsync": 3},
    }


def a_pool(folder: Path) -> RealDaemon:
    """A daemon with two tools that do nothing; not started."""
    (folder / "noop_tools.py").write_text(TOOLS)
    (folder / "s").mkdir(mode=0o700)
    config = f'[tools]\nmodules = ["noop_tools"]\npath = ["{folder}"]\n'
    (folder / "s" / "config.toml").write_text(config)
    return RealDaemon(folder)


def _ours(client: BlockingClient, tool: str) -> float:
    def run() -> None:
        ids: list[int] = []
        for _ in range(0, COUNT, AT_ONCE):
            jobs = ({"tool": tool},) * min(AT_ONCE, COUNT)
            spans = client.call(Submit(jobs=jobs, request_key=os.urandom(8).hex())).ids
            ids += [id_ for first, last in spans for id_ in range(first, last + 1)]
        ended = client.call(Wait(ids=tuple(ids))).finished
        assert all(one.state == "succeeded" for one in ended)

    return rate(run, COUNT)


def _huey(folder: Path) -> float:
    from huey import SqliteHuey

    queue = SqliteHuey("bench", filename=str(folder / "huey.db"), fsync=True)

    @queue.task()
    def noop() -> int:
        return 1

    consumer = queue.create_consumer(
        workers=CORES, periodic=False, initial_delay=0.001, max_delay=0.005
    )
    consumer.start()

    def run() -> None:
        for one in [noop() for _ in range(COUNT)]:
            one.get(blocking=True, backoff=1.0, max_delay=0.005)

    try:
        return rate(run, COUNT)
    finally:
        consumer.stop(graceful=True)


def _dask() -> float:
    from distributed import Client

    with Client(n_workers=1, threads_per_worker=CORES, dashboard_address=None) as client:
        work = range(COUNT)
        client.gather(client.map(abs, range(10)))
        return rate(lambda: client.gather(client.map(abs, work, pure=False)), COUNT)
